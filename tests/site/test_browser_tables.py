"""Sorting, filters, permanent links and downloads do what they say."""

import csv
import io
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from browsing import QUIET, cells, dataset_page, heading, ready, seconds, solver_page

pytestmark = QUIET


def choose(page, label, value):
    page.get_by_label(label, exact=True).select_option(value)


def state(page):
    return {key: values[0] for key, values in parse_qs(page.url.partition("#")[2]).items()}


def test_headings_sort_by_value_both_ways_and_from_the_keyboard(site, visit):
    page = ready(visit(dataset_page(site)))
    before = [seconds(text) for text in cells(page, "warm")]
    known = sorted(value for value in before if value is not None)
    button = heading(page, "warm").locator("button")
    button.click()
    assert [seconds(text) for text in cells(page, "warm")][: len(known)] == known
    assert heading(page, "warm").get_attribute("aria-sort") == "ascending"
    button.press("Enter")
    assert [seconds(text) for text in cells(page, "warm")][: len(known)] == known[::-1]
    assert heading(page, "warm").get_attribute("aria-sort") == "descending"
    assert page.evaluate("document.activeElement.closest('th')?.dataset.key") == "warm"
    heading(page, "solver").locator("button").click()
    solvers = cells(page, "solver")
    assert solvers == sorted(solvers)
    assert page.locator("table.board thead th[aria-sort]").count() == 1


def test_what_is_missing_sorts_last_both_ways(site, visit):
    page = ready(visit(dataset_page(site)))
    for _ in range(2):
        heading(page, "pays").locator("button").click()
        values = cells(page, "pays")
        known = [value for value in values if value not in ("–", "never")]
        assert known
        assert values[: len(known)] == known


def test_failures_stand_in_the_table_with_state_and_reason(site, visit):
    page = ready(visit(dataset_page(site, "landau_damping")))
    assert any("timeout" in text and "Ran longer than 600 s." in text for text in cells(page, "state"))
    choose(page, "State", "diverged")
    assert len(cells(page, "solver")) == 1
    assert "1 of 8 settings, 1 did not run" in page.locator(".count").inner_text()


def test_filters_and_words_narrow_the_table_and_the_address_keeps_them(site, visit):
    page = ready(visit(site / "results.html"))
    every = len(cells(page, "solver"))
    choose(page, "Family", "learned")
    assert set(cells(page, "solver")) == {"pde_nhf", "mlp"}
    choose(page, "Dataset", "Gaussian ensemble")
    page.get_by_label("Search").fill("25 steps")
    assert cells(page, "solver") == ["pde_nhf"]
    assert page.locator(".count").get_attribute("role") == "status"
    assert page.locator(".count").inner_text().startswith("1 of ")
    assert state(page) == {"family": "learned", "dataset": "Gaussian ensemble", "q": "25 steps"}
    again = ready(visit(site / "results.html", f"#{page.url.partition('#')[2]}"))
    assert cells(again, "solver") == ["pde_nhf"]
    assert again.get_by_label("Search").input_value() == "25 steps"
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('tr[data-row]').length > 1")
    assert page.get_by_label("Dataset", exact=True).input_value() == ""
    page.go_back()
    page.wait_for_function(f"() => document.querySelectorAll('tr[data-row]').length === {every}")
    page.get_by_label("Search").fill("no such thing")
    assert "Nothing matches" in page.locator("table.board").inner_text()


def test_metric_time_and_axis_can_be_chosen_and_linked_to(site, visit):
    page = ready(visit(dataset_page(site)))
    ranked = cells(page, "error")
    choose(page, "Error", "w1_momentum")
    page.wait_for_selector('th[data-key="chosen"]')
    assert cells(page, "chosen") != ranked
    assert cells(page, "error") == ranked
    choose(page, "At time", "0")
    page.wait_for_function("() => document.querySelector('th[data-key=chosen]').innerText.includes('t = 0.2')")
    choose(page, "Against", "p:steps")
    title = page.locator(".charts svg.chart > title").text_content() or ""
    assert "momenta against steps" in title
    assert state(page) == {"m": "w1_momentum", "t": "0", "x": "p:steps"}
    again = ready(visit(dataset_page(site), f"#{page.url.partition('#')[2]}"))
    assert again.locator(".charts svg.chart > title").text_content() == title
    assert cells(again, "chosen") == cells(page, "chosen")


def test_unknown_choices_in_an_address_fall_back_to_the_usual(site, visit):
    page = ready(visit(dataset_page(site), "#m=nothing&t=99&x=p:none&sort=zzz&on=zzz&dir=up"))
    usual = ready(visit(dataset_page(site)))
    assert cells(page, "solver") == cells(usual, "solver")
    assert (
        page.locator(".charts svg.chart > title").text_content()
        == usual.locator(".charts svg.chart > title").text_content()
    )


def test_machines_are_never_in_one_table(tmp_path, visit):
    from record_factory import OTHER, record

    from kineticbench.results.store import Store
    from kineticbench.site.build import build

    store = Store(tmp_path / "records")
    for one in (record(), record("sheets"), record("pic", hardware=OTHER, warm=7.0, run="20261122T120000Z-0002")):
        store.write(one)
    build(store.folder, tmp_path / "site")
    page = ready(visit(tmp_path / "site" / "results.html"))
    assert cells(page, "solver") == ["sheets", "pic"] or cells(page, "solver") == ["pic", "sheets"]
    options = page.get_by_label("Machine", exact=True).locator("option").all_inner_texts()
    assert len(options) == 2
    page.get_by_label("Machine", exact=True).select_option(index=1)
    assert cells(page, "solver") == ["pic"]
    page = ready(visit(dataset_page(tmp_path / "site")))
    seen = set()
    for place in range(2):
        page.get_by_label("Machine", exact=True).select_option(index=place)
        page.wait_for_timeout(100)
        seen.add((len(cells(page, "solver")), "Another CPU" in page.locator("[data-app] p.machine").inner_text()))
    assert seen == {(2, False), (1, True)}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def served(site):
    """The address of the site on a static host."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_downloads_hold_the_tables_they_are_named_for(site, served, browser):
    import pyarrow.parquet

    page = browser.new_page(accept_downloads=True)
    page.goto(f"{served}/{dataset_page(site).name}")
    shown = cells(ready(page), "solver")
    found = {}
    for kind in ("csv", "json", "parquet"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=f"Settings as {kind}").click()
        found[kind] = waiting.value.path().read_bytes()
    assert [one["solver"] for one in csv.DictReader(io.StringIO(found["csv"].decode()))] == shown
    assert [one["solver"] for one in json.loads(found["json"])] == shown
    assert pyarrow.parquet.read_table(io.BytesIO(found["parquet"])).column("solver").to_pylist() == shown
    page.goto(f"{served}/{solver_page(site).name}")
    rows = len(cells(ready(page), "setting"))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="every machine as csv").click()
    table = list(csv.DictReader(io.StringIO(waiting.value.path().read_text())))
    assert {one["solver"] for one in table} == {"pde_nhf"}
    assert len(table) == rows
    page.close()
