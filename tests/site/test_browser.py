"""The pages in a real browser, from the file system and without a network."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from record_factory import record

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.skipif(
        not CHROMIUM.exists() and not os.environ.get("CI"), reason="needs /usr/bin/chromium (apt install chromium)"
    ),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Opens a page; fails at the end if one logged an error or asked anything of another host."""
    complaints: list[str] = []
    contexts = []

    def open_page(path, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else complaints.append(one.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def dataset_page(site, name="gaussian_ensemble"):
    (page,) = site.glob(f"{name}-*.html")
    return page


def test_every_page_opens_without_complaint(site, visit):
    page = visit(site / "index.html")
    for path in sorted(site.rglob("*.html"))[:12]:
        page.goto(path.as_uri())
        assert page.locator("h1").count() == 1
        assert page.locator("h1").inner_text().strip()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(site, visit, width, scheme):
    page = visit(site / "index.html", width, scheme)
    record_page = sorted((site / "records").glob("*.html"))[0]
    for path in (site / "index.html", dataset_page(site), record_page):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(background[4:].split(",")[0]) < 60) == (scheme == "dark")


def column(page, place):
    return page.eval_on_selector_all(
        f"table.board tbody tr > :nth-child({place})", "cells => cells.map(c => c.dataset.v)"
    )


def test_headings_sort_by_value_both_ways_and_from_the_keyboard(site, visit):
    page = visit(dataset_page(site))
    headings = page.locator("table.board thead th")
    names = headings.all_inner_texts()
    place = next(i for i, name in enumerate(names) if name.startswith("Warm / case")) + 1
    button = headings.nth(place - 1).locator("button")
    before = column(page, place)
    button.click()
    assert column(page, place) == sorted(before, key=float)
    assert headings.nth(place - 1).get_attribute("aria-sort") == "ascending"
    button.press("Enter")
    assert column(page, place) == sorted(before, key=float, reverse=True)
    assert headings.nth(place - 1).get_attribute("aria-sort") == "descending"
    headings.first.locator("button").click()
    solvers = column(page, 1)
    assert solvers == sorted(solvers)
    assert page.locator("table.board thead th[aria-sort]").count() == 1


def test_what_is_missing_sorts_last_both_ways(site, visit):
    page = visit(dataset_page(site))
    names = page.locator("table.board thead th").all_inner_texts()
    place = next(i for i, name in enumerate(names) if name.startswith("Pays from")) + 1
    button = page.locator("table.board thead th").nth(place - 1).locator("button")
    for _ in range(2):
        button.click()
        values = column(page, place)
        known = [value for value in values if value != ""]
        assert known
        assert values[: len(known)] == known


def test_the_choices_show_one_chart_each(site, visit):
    page = visit(dataset_page(site))
    shown = page.locator(".charts .figure:visible")
    assert shown.count() == 1
    first = shown.locator("svg:visible title").first.text_content()
    page.locator(".choices label", has_text="Each further case").click()
    assert shown.count() == 1
    assert "further case" in (shown.locator("svg:visible > title").text_content() or "")
    page.locator(".choices label", has_text="momenta").click()
    assert shown.count() == 1
    assert shown.locator("svg:visible > title").text_content() != first
    page.locator(".choices input:checked").first.press("ArrowLeft")
    assert shown.count() == 1


def test_points_say_what_they_are_and_lead_to_their_record(site, visit):
    page = visit(dataset_page(site))
    point = page.locator(".charts .figure:visible svg:visible a.point").first
    point.focus()
    tip = page.locator(".tip")
    assert tip.is_visible()
    assert tip.inner_text() == point.get_attribute("data-tip")
    point.press("Enter")
    page.wait_for_url("**/records/*.html")
    assert page.locator("h1").is_visible()
    assert page.get_by_text("kineticbench run quick").count() == 1


def test_the_theme_can_be_switched(site, visit):
    page = visit(site / "index.html")
    ink = "getComputedStyle(document.body).color"
    before = page.evaluate(ink)
    page.locator("[data-theme-switch]").click()
    assert page.evaluate(ink) != before


def test_hostile_records_execute_nothing(tmp_path, visit):
    from kineticbench.results.store import Store
    from kineticbench.site.build import build

    evil = "\"><img src=x onerror=alert(1)><script>document.title='owned'</script></title>{{7*7}}\u202e"
    store = Store(tmp_path / "records")
    made = record(evil, evil, {evil: 1}, dataset=evil, errors={evil: 0.1}, command=evil)
    store.write(made)
    store.write(record("b", evil, dataset=evil, state="error", reason=evil))
    build(store.folder, tmp_path / "site")
    page = visit(tmp_path / "site" / "index.html")
    for path in sorted((tmp_path / "site").rglob("*.html")):
        page.goto(path.as_uri())
        assert page.title() != "owned"
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("script").count() == 1


def test_the_pages_pass_basic_accessibility_checks(site, visit):
    page = visit(dataset_page(site))
    unnamed = """() => [...document.querySelectorAll('a, button, input, img, svg[role]')].filter(e =>
        !e.closest('[aria-hidden=true]') && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') ||
        e.textContent.trim() || e.getAttribute('alt') !== null || e.labels?.length || e.hidden))
        .map(e => e.outerHTML)"""
    assert page.evaluate(unnamed) == []
    levels = page.eval_on_selector_all("h1, h2, h3", "found => found.map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
