"""The pages for keyboards, screen readers and everybody else, checked by axe-core where it is installed."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from browsing import QUIET, dataset_page, every_kind, ready

pytestmark = QUIET
AXE = os.environ.get("AXE_CORE", "")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html + " " + node.failureSummary).join(" | "))"""


needs_axe = pytest.mark.skipif(
    not AXE and not os.environ.get("CI"), reason="needs axe-core; .ci/run installs it, see AXE_CORE"
)


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(site, records, browser, scheme, width):
    source = Path(AXE).read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    for path, hash_ in every_kind(site, records):
        page = context.new_page()
        page.goto(f"{path.as_uri()}{hash_}")
        ready(page)
        page.evaluate(source)
        assert page.evaluate(RUN) == [], (path.name, scheme)
        page.close()
    context.close()


@needs_axe
def test_axe_would_find_what_is_wrong(site, browser):
    page = browser.new_page(bypass_csp=True)
    page.goto((site / "index.html").as_uri())
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    assert any(one.startswith("button-name") for one in page.evaluate(RUN))
    page.close()


def test_every_control_has_a_name_and_headings_descend_in_order(site, records, visit):
    unnamed = """() => [...document.querySelectorAll('a, button, input, select, img, svg[role]')].filter(e =>
        !e.closest('[aria-hidden=true]') && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') ||
        (e.tagName !== 'SELECT' && e.textContent.trim()) || e.getAttribute('alt') !== null || e.labels?.length ||
        e.hidden)).map(e => e.outerHTML)"""
    for path, hash_ in every_kind(site, records):
        page = ready(visit(path, hash_))
        assert page.evaluate(unnamed) == [], path
        levels = page.eval_on_selector_all("h1, h2, h3", "found => found.map(h => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_the_skip_link_comes_first_and_keeps_what_is_chosen(site, visit):
    page = ready(visit(dataset_page(site), "#x=one"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.url.endswith("#x=one")


def test_remarks_are_read_by_a_screen_reader_and_reached_by_keyboard(site, visit):
    page = ready(visit(dataset_page(site)))
    flag = page.locator("table.board .flag").first
    assert ": " in (flag.text_content() or "")
    flag.focus()
    assert page.locator(".tip").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
