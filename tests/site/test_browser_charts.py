"""Charts: points lead to their records, the legend leaves solvers out, floors and intervals are drawn."""

from browsing import QUIET, cells, dataset_page, ready

pytestmark = QUIET
MAIN = ".charts svg.chart"


def test_points_say_what_they_are_and_lead_to_their_record(site, visit):
    page = ready(visit(dataset_page(site)))
    assert page.locator(f"{MAIN} a.point").count() == 11
    point = page.locator(f"{MAIN} a.point").first
    point.focus()
    tip = page.locator(".tip")
    assert tip.is_visible()
    assert tip.inner_text() == point.get_attribute("data-tip")
    point.press("Enter")
    page.wait_for_url("**/record.html#*")
    page.wait_for_selector("h1 .light")
    assert page.get_by_text("kineticbench run quick").count() == 1


def test_the_frontier_intervals_and_floors_are_drawn(site, visit):
    page = ready(visit(dataset_page(site)))
    assert page.locator(f"{MAIN} .frontier").count() == 1
    assert page.locator(f"{MAIN} .bar").count() > 3
    assert page.locator(f"{MAIN} .dashed").count() == 2
    page.get_by_label("Error", exact=True).select_option("learned_force")
    page.wait_for_function("() => document.querySelector('.charts svg.chart > title').textContent.includes('force')")
    assert page.locator(f"{MAIN} g.series").count() == 1


def test_floors_of_single_settings_are_ticks_and_a_common_one_is_a_band(tmp_path, visit):
    from record_factory import both, record

    from kineticbench.results.store import Store
    from kineticbench.site.build import build

    store = Store(tmp_path / "records")
    for dataset, floors in (("bkw", (0.02, 0.03)), ("trubnikov", (0.02, 0.02))):
        for k, floor in enumerate(floors):
            errors = both(0.01 * 3**k, 1)
            store.write(record("pic", f"{k}", {"k": k}, dataset=dataset, floor=floor, errors=errors, warm=0.1 + k))
    build(store.folder, tmp_path / "site")
    page = ready(visit(dataset_page(tmp_path / "site", "bkw")))
    assert page.locator(f"{MAIN} .floor").count() == 2
    page = ready(visit(dataset_page(tmp_path / "site", "trubnikov")))
    assert page.locator(f"{MAIN} .below").count() == 1
    assert page.locator(f"{MAIN} .floor").count() == 0


def test_the_legend_leaves_solvers_out_of_chart_and_table(site, visit):
    page = ready(visit(dataset_page(site)))
    button = page.locator(".legend button", has_text="sheets")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert "sheets" not in cells(page, "solver")
    assert page.locator(f"{MAIN} a.point").count() == 7
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.charts a.point').length === 11")
    assert button.get_attribute("aria-pressed") == "true"


def test_convergence_and_growth_have_a_chart_for_each_parameter(site, visit):
    page = ready(visit(dataset_page(site)))
    titles = page.locator(".grid figcaption").all_inner_texts()
    for wanted in ("against steps", "against dx", "against dt", "each solver's most accurate setting"):
        assert any(wanted in title for title in titles), wanted


def test_charts_follow_the_width_of_the_screen(site, visit):
    page = ready(visit(dataset_page(site)))
    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function(f"() => document.querySelector('{MAIN}').clientWidth < 400")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_pictures_are_shown_where_a_record_has_some(tmp_path, folder, records, visit):
    import shutil

    from test_pictures_browser import plasma

    from kineticbench import pictures
    from kineticbench.results.store import Store
    from kineticbench.site.board_data import record_name
    from kineticbench.site.build import build

    drawn = pictures.draw(*plasma())
    assert drawn is not None
    shutil.copytree(folder, tmp_path / "records")
    best = next(one for one in records if one.settings.solver.setting == "25 steps" and one.state == "ok")
    path = Store(tmp_path / "records").pictures_path(best.cell, best.run)
    path.parent.mkdir()
    path.write_bytes(drawn.json_bytes())
    for name in (f"{'a' * 64}.20260101T000000Z-0001", record_name(records[0])):
        path.with_name(f"{name}.json").write_text('{"schema": "</script>"}')
    build(tmp_path / "records", tmp_path / "site")
    assert [path.stem for path in (tmp_path / "site" / "data" / "pictures").iterdir()] == [record_name(best)]
    for path, hash_ in (
        (tmp_path / "site" / "record.html", f"#{record_name(best)}"),
        (dataset_page(tmp_path / "site"), ""),
    ):
        page = ready(visit(path, hash_))
        page.locator(".pictures").scroll_into_view_if_needed()
        page.wait_for_selector(".pictures .kp-panel")
        assert page.locator(".pictures").count() == 1
    assert page.locator("h2", has_text="Solver against truth").is_visible()
