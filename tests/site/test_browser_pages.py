"""Every kind of page in a real browser, from the file system and without a network."""

import pytest
from browsing import QUIET, dataset_page, every_kind, ready, record_hash, solver_page
from record_factory import record

pytestmark = QUIET


def test_every_kind_of_page_opens_without_complaint(site, records, visit):
    for path, hash_ in every_kind(site, records):
        page = ready(visit(path, hash_))
        assert page.locator("h1").count() == 1
        assert page.locator("h1").inner_text().strip()
        assert page.locator(".empty").count() == 0, path


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(site, records, visit, width, scheme):
    for path, hash_ in every_kind(site, records):
        page = ready(visit(path, hash_, width, scheme))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(background[4:].split(",")[0]) < 60) == (scheme == "dark")


def test_every_link_of_a_page_made_by_script_leads_to_a_file(site, records, visit):
    for path, hash_ in every_kind(site, records):
        page = ready(visit(path, hash_))
        for link in page.eval_on_selector_all("main a[href]", "found => found.map(a => a.getAttribute('href'))"):
            assert (site / link.partition("#")[0]).is_file() or link.startswith("#"), (path, link)


def test_without_scripts_the_best_settings_are_there(site, visit):
    page = visit(dataset_page(site), script=False)
    assert page.locator("[data-static]").is_visible()
    assert page.locator("[data-static] tbody tr").count() == 6
    assert page.locator("[data-static]").get_by_text("unsupported").is_visible()
    page = ready(visit(dataset_page(site)))
    assert not page.locator("[data-static]").is_visible()


def test_the_view_of_a_record_shows_all_of_it(site, records, visit):
    page = ready(visit(site / "record.html", record_hash(records)))
    text = page.locator("main").inner_text()
    for shown in (
        "kineticbench run quick --only",
        "58.0 s",
        "dddd",
        "Example CPU 9000",
        "Raw times",
        "numpy",
        "450 ms",
    ):
        assert shown in text, shown
    assert page.locator("a", has_text="1").first.is_visible()
    page.locator("p.detail a", has_text="2").click()
    page.wait_for_function(
        "() => document.querySelector('dl.pairs dd') && document.body.innerText.includes('seed\\n2')"
    )
    page.go_back()
    page.wait_for_function("() => document.body.innerText.includes('seed\\n0')")


def test_a_failed_record_tells_its_state_and_reason(site, records, visit):
    page = ready(visit(site / "record.html", record_hash(records, "sheets", "timeout")))
    assert "Ran longer than 600 s." in page.locator("main").inner_text()
    assert page.locator(".state.timeout").first.is_visible()


@pytest.mark.parametrize("hash_", ["", "#nonsense", f"#{'0' * 64}.20261122T120000Z-0001", "#../../x", "#<img>"])
def test_a_record_that_is_not_there_is_said_to_be_missing(site, browser, hash_):
    page = browser.new_page()
    page.goto(f"{(site / 'record.html').as_uri()}{hash_}")
    page.wait_for_selector(".empty")
    assert "record" in page.locator(".empty").inner_text()
    page.close()


def test_a_solver_is_told_where_it_wins_and_fails(site, visit):
    page = ready(visit(solver_page(site, "sheets")))
    text = page.locator("main").inner_text()
    assert "wins" in text
    assert "fails" in text
    assert page.locator("tbody .state.timeout").first.is_visible()


def test_the_overview_shows_tiers_of_every_solver_on_every_dataset(site, visit):
    page = visit(site / "index.html")
    names = page.locator("table.matrix").first.locator("thead th").all_inner_texts()
    assert {"sheets", "pic", "pde_nhf", "mlp", "identity"} <= {name.strip() for name in names}
    row = page.locator("table.matrix tbody tr", has_text="Gaussian ensemble").first
    assert row.locator("td.won").count() == 1
    assert row.locator(".state.unsupported").count() == 1
    assert page.locator(".card").count() == 2


def test_the_theme_can_be_switched(site, visit):
    page = visit(site / "index.html")
    ink = "getComputedStyle(document.body).color"
    before = page.evaluate(ink)
    page.locator("[data-theme-switch]").click()
    assert page.evaluate(ink) != before


def test_names_without_end_and_figures_without_bounds_break_no_page(tmp_path, visit):
    from kineticbench.results.store import Store
    from kineticbench.site.board_data import record_name
    from kineticbench.site.build import build

    store, long = Store(tmp_path / "records"), "y" * 10_000
    made = [record(long, long, {long: 1.0}, dataset=long, errors={long: 0.1, f"{long}z": 0.2}, command=long)]
    for k, huge in enumerate((1e305, 1e150, 1e-308, 0.0)):
        made.append(
            record(f"s{k}", "x", {"n": huge}, errors={"w1_position": huge, "drift_energy": huge}, warm=huge / 1e9)
        )
    for one in made:
        store.write(one)
    build(store.folder, tmp_path / "site")
    drawn = """() => [...document.querySelectorAll('svg *')].flatMap(e => [...e.attributes])
        .filter(a => /NaN|Infinity|undefined/.test(a.value)).map(a => a.value)"""
    pages = [(path, "") for path in sorted((tmp_path / "site").glob("*.html")) if path.name != "record.html"]
    pages += [(tmp_path / "site" / "record.html", f"#{record_name(one)}") for one in made]
    for path, hash_ in pages:
        page = ready(visit(path, hash_, 390))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate(drawn) == []
        assert page.locator("[role=alert]").count() == 0


def test_hostile_records_execute_nothing(tmp_path, visit):
    from kineticbench.results.store import Store
    from kineticbench.site.board_data import record_name
    from kineticbench.site.build import build

    evil = "\"><img src=x onerror=alert(1)><script>document.title='owned'</script></title>{{7*7}}\u202e\u2028"
    store = Store(tmp_path / "records")
    made = [
        record(evil, evil, {evil: 1}, dataset=evil, errors={evil: 0.1}, command=evil, diagnostics={evil: [1.0, 2.0]}),
        record("b", evil, dataset=evil, state="error", reason=evil),
        record("__proto__", "constructor", {"toString": 2}, dataset=evil, errors={"__proto__": 0.2}),
    ]
    for one in made:
        store.write(one)
        log = store.log_path(one.cell, one.run)
        log.parent.mkdir(exist_ok=True)
        log.write_text(evil)
    build(store.folder, tmp_path / "site")
    pages = [(path, "") for path in sorted((tmp_path / "site").glob("*.html")) if path.name != "record.html"]
    pages += [(tmp_path / "site" / "record.html", f"#{record_name(one)}") for one in made]
    for path, hash_ in pages:
        page = ready(visit(path, hash_))
        page.wait_for_timeout(50)
        assert "owned" not in page.title().replace("document.title='owned'", "")
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("script:not([src])").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()
