"""The pictures in a real browser, from the file system, under the policy of the site's pages."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from browsing import QUIET

from kineticbench import pictures
from kineticbench.catalog import PACKAGE
from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    Law,
    Problem,
    Query,
    Reference,
    Solution,
    Trajectory,
    VlasovPoisson,
)
from kineticbench.site.pictures import pictures_script

pytestmark = QUIET
STATIC = PACKAGE / "static"
POLICY = re.search(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", (PACKAGE / "templates/base.html").read_text())
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">{policy}
<meta name="viewport" content="width=device-width"><title>pictures</title>
<link rel="stylesheet" href="site.css"><link rel="stylesheet" href="pictures.css"></head>
<body><main class="wrap"><h1>Pictures</h1><div id="here"></div></main>
<script src="pictures.js"></script><script src="data.js"></script><script src="go.js"></script></body></html>"""
GO = 'KineticPictures.draw(document.getElementById("here"), KineticPictureData["a"]);'


def plasma():
    """Points, distributions, field energy with its rate, and drifts."""
    random, times, series = np.random.default_rng(0), np.array([0.0, 0.5, 1.0]), np.linspace(0, 1, 50)
    q, p = random.uniform(0, 10, (1, 256, 1)), random.normal(size=(1, 256, 1))
    ensemble = Ensemble(q, p)
    positions = (q + times[:, None, None, None] * p) % 10
    truth = Trajectory(positions, np.broadcast_to(p, positions.shape), ensemble.weights)
    energy = np.exp(-series)[None]
    solution = Solution(
        Trajectory(positions, truth.velocities * (1 + 0.1 * times[:, None, None, None]), ensemble.weights),
        series={"field_energy": energy * 1.2},
    )
    reference = Reference(
        trajectory=truth,
        series={"field_energy": energy},
        values={"growth_rate": np.array([-0.5])},
        windows={"growth_rate": (0.2, 0.8)},
        paired=True,
    )
    return solution, reference, Problem(VlasovPoisson(10.0, 1.0), None, ensemble, Query(times, series))


def velocities():
    """Maps, distributions, scores, entropy, temperatures and drifts."""
    axis = -4 + 8 * (np.arange(32) + 0.5) / 32
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    times, series = np.array([0.0, 0.5, 1.0]), np.linspace(0, 1, 11)
    f = np.exp(-0.5 * (points**2).sum(1)) / (2 * np.pi)
    law = Law(
        score=lambda t, v: -v,
        entropy=lambda t: -2.8 - 0.1 * t,
        covariance=lambda t: np.array([np.diag([1 + np.exp(-time), 1.0]) for time in np.atleast_1d(t)]),
    )
    v = np.broadcast_to(np.random.default_rng(1).normal(size=(1, 1, 500, 2)), (3, 1, 500, 2))
    weights = np.full((1, 500), 1 / 500)
    own = {"entropy": -2.7 - 0.1 * series[None], "energy": np.ones((1, 11)), "momentum": 1e-3 * series[None]}
    solution = Solution(Trajectory(None, v, weights), score=-1.1 * v, series=own)
    reference = Reference(density=np.broadcast_to(f, (3, 1, len(points))), law=law)
    return solution, reference, Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, Query(times, series, points))


CASES = {"plasma": plasma(), "velocities": velocities()}


@pytest.fixture
def visit(browser, tmp_path: Path):
    """Opens a page with pictures; fails at the end if it logged an error or asked anything of another host."""
    complaints: list[str] = []
    contexts = []

    def open_page(script, width=1280, scheme="light"):
        assert POLICY is not None
        for asset in ("site.css", "pictures.css", "pictures.js"):
            (tmp_path / asset).write_bytes((STATIC / asset).read_bytes())
        (tmp_path / "data.js").write_text(script, encoding="utf-8")
        (tmp_path / "go.js").write_text(GO)
        (tmp_path / "index.html").write_text(PAGE.format(policy=POLICY[0]), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        for event in ("console", "pageerror", "dialog"):
            page.on(event, lambda one, event=event: complaints.append(f"{event}: {getattr(one, 'text', one)}"))
        page.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else complaints.append(one.url))
        page.goto((tmp_path / "index.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def script(name):
    made = pictures.draw(*CASES[name])
    assert made is not None
    return pictures_script(made.json_bytes(), "a")


EXPECTED = {
    "plasma": ["Phase space", "Distribution of positions", "Distribution of momenta", "Field energy", "Drift of"],
    "velocities": [
        "Density of velocities",
        "Distribution of v₁",
        "Distribution of v₂",
        "Score at the particles",
        "Entropy",
        "Temperatures",
        "Drift of",
    ],
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_kind_is_drawn(visit, name, width, scheme):
    page = visit(script(name), width, scheme)
    captions = page.locator("figcaption").all_inner_texts()
    assert all(caption.startswith(start) for caption, start in zip(captions, EXPECTED[name], strict=True)), captions
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in page.locator("figure").all():
        assert figure.locator(".kp-svg path, .kp-svg .kp-mark, .kp-svg image").count() > 0
    drawn = page.eval_on_selector_all(".kp-line", "all => all.map(one => one.getAttribute('d'))")
    assert not any("NaN" in path or "Infinity" in path for path in drawn)
    assert all(drawn)
    assert page.locator("[style]").count() == 0


def test_truth_and_solver_differ_without_colour(visit):
    page = visit(script("plasma"))

    def style(selector, name):
        return page.eval_on_selector(selector, f"one => getComputedStyle(one)['{name}']")

    assert style(".kp-svg .kp-line.kp-truth", "stroke-dasharray") != "none"
    assert style(".kp-svg .kp-line.kp-solver", "stroke-dasharray") == "none"
    assert style(".kp-svg .kp-mark.kp-truth", "fill") == "none"
    assert style(".kp-svg .kp-mark.kp-solver", "fill") != "none"


def test_snapshots_are_chosen_from_the_keyboard(visit):
    page = visit(script("plasma"))
    status, picture = page.locator("[role=status]"), page.locator("figure").first.locator("svg[role=img]")
    assert status.inner_text().startswith("At t = 1:")
    last = picture.inner_html()
    page.locator("fieldset input:checked").press("ArrowLeft")
    assert page.locator("fieldset input").nth(1).is_checked()
    assert status.inner_text().startswith("At t = 0.5: W1 of positions 0, W1 of momenta 0.0")
    assert picture.inner_html() != last
    assert "t = 0.5" in picture.get_attribute("aria-label")
    page.locator("fieldset input:checked").press("ArrowRight")
    assert picture.inner_html() == last


def test_the_numbers_are_in_a_table_too(visit):
    page = visit(script("velocities"))
    page.locator("summary").click()
    assert page.locator("table thead th").all_inner_texts() == ["Time", "0", "0.5", "1"]
    rows = page.locator("table tbody th").all_inner_texts()
    assert rows == ["relative L2 difference of these maps", "W1 of v₁", "W1 of v₂"]
    names = page.eval_on_selector_all("svg[role=img]", "all => all.map(one => one.getAttribute('aria-label'))")
    assert len(names) == 9
    assert all("against" in name for name in names)


def test_maps_follow_the_theme(visit):
    page = visit(script("velocities"))
    image = page.locator(".kp-map image").first
    light = image.get_attribute("href")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("old => document.querySelector('.kp-map image').getAttribute('href') !== old", arg=light)


def test_what_has_no_snapshots_is_drawn_without_a_choice_of_them(visit):
    solution, reference, problem = CASES["plasma"]
    run = Problem(problem.equation, None, None, Query(np.empty(0), problem.query.series))
    made = pictures.draw(Solution(series=solution.series), Reference(series=reference.series), run)
    assert made is not None
    page = visit(pictures_script(made.json_bytes(), "a"))
    assert page.locator("figcaption").all_inner_texts() == ["Field energy"]
    assert page.locator("fieldset").count() == 0
    assert page.locator(".kp-svg .kp-line").count() == 2


def test_hostile_text_is_shown_as_text(visit):
    made = pictures.draw(*CASES["plasma"])
    assert made is not None
    panel = made.panels[0].model_copy(update={"title": "<img src=x onerror=alert(1)></script>"})
    page = visit(pictures_script(made.model_copy(update={"panels": [panel]}).json_bytes(), "a"))
    assert page.locator("figcaption").inner_text().startswith("<img src=x onerror=alert(1)></script>")
    assert page.locator("figure img").count() == 0


def test_another_schema_is_told(visit):
    page = visit('globalThis.KineticPictureData = { a: { schema: "kineticbench/pictures/2" } };')
    assert "does not know" in page.locator("#here").inner_text()
