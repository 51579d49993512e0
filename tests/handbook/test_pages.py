"""The built pages: whole, and asking no other host for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kineticbench import catalog, metrics

# what a browser fetches by itself, by element; links that people follow may lead anywhere
_FETCHED = {
    "img": ("src", "srcset"), "script": ("src",), "link": ("href",), "iframe": ("src",), "source": ("src", "srcset"),
    "video": ("src", "poster"), "audio": ("src",), "object": ("data",), "embed": ("src",), "use": ("href",),
    "image": ("href", "xlink:href"), "input": ("src",), "track": ("src",),
}  # fmt: skip
_ELSEWHERE = re.compile(r"^\s*(?:https?:)?//")
_IN_CSS = re.compile(r"(?:url\(|@import)\s*['\"]?\s*(?:https?:)?//")


class Requests(HTMLParser):
    """Collects what a page makes a browser fetch from another host."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and values.get("rel") in ("canonical", "author", "help", "search", "index", "next", "prev"):
            return
        for name in _FETCHED.get(tag, ()):
            if _ELSEWHERE.match(values.get(name) or ""):
                self.found.append(f"<{tag} {name}={values[name]}>")


def requests_of(page: str) -> list[str]:
    parser = Requests()
    parser.feed(page)
    return parser.found + [found[0] for found in _IN_CSS.finditer(page)]


def test_no_page_asks_another_host(built: Path) -> None:
    asked = {path.name: requests_of(path.read_text(encoding="utf-8")) for path in built.rglob("*.html")}
    assert len(asked) > 60
    assert {name: found for name, found in asked.items() if found} == {}
    for path in built.rglob("*.css"):
        assert not _IN_CSS.search(path.read_text(encoding="utf-8")), path
    for path in built.rglob("*.svg"):
        assert requests_of(path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/x.css">',
        "<style>@import 'https://fonts.example/x.css';</style>",
        '<img src="http://example/x.png">',
    ],
)
def test_a_request_would_be_found(page: str) -> None:
    assert requests_of(page)
    assert not requests_of('<a href="https://example.org">a link</a><svg xmlns="http://www.w3.org/2000/svg"></svg>')


def test_everything_has_its_page(built: Path) -> None:
    names = {
        "solvers": catalog.plug_ins("solvers"),
        "datasets": catalog.plug_ins("datasets"),
        "metrics": metrics.names(),
    }
    for kind, known in names.items():
        for name in known:
            assert (built / "generated" / kind / f"{name}.html").is_file(), (kind, name)
    for name in ("compare", "submit", "guard"):
        assert (built / "tutorials" / f"{name}.html").is_file()
    for name in ("pde_nhf_or_pic", "pinn_pm_particles"):
        page = (built / "generated" / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
        assert "The answer" in page
        without_code = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
        assert "There are no records" not in without_code


def test_formulas_are_set_by_the_browser(built: Path) -> None:
    page = (built / "equations.html").read_text(encoding="utf-8")
    assert page.count("<math") > 10
    assert not re.search(r"<script[^>]*mathjax", page, flags=re.IGNORECASE)
    assert r"\partial" not in page
    assert "$" not in re.sub(r"<[^>]*>", "", page.partition("<article")[2].partition("</article>")[0])


def test_pages_that_people_write_are_all_there(built: Path) -> None:
    docs = Path(__file__).parents[2] / "docs"
    for path in [*docs.glob("*.md"), *docs.glob("tutorials/*.md"), *docs.glob("evidence/*.md")]:
        assert (built / path.relative_to(docs).with_suffix(".html")).is_file(), path
