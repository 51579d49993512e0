"""Pages of text from Markdown: how things are measured, and what is told of single methods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from ..catalog import PACKAGE
from . import text

# What is measured and how, which the package carries (pyproject.toml); the other documents are about how to use it.
PAGES = ("methodology", "certificate", "particles", "performance", "roofline")


@dataclass(frozen=True)
class Guide:
    """A page of text: its file, title and body."""

    page: str
    title: str
    body: Markup


def guides(folder: Path = PACKAGE / "docs") -> list[Guide]:
    """The pages of the documents that come with the package, how results are measured first."""
    paths = [path for name in PAGES if (path := folder / f"{name}.md").is_file()]
    return [guide(path.stem, path.read_text(encoding="utf-8")) for path in paths]


def guide(name: str, source: str) -> Guide:
    """A page from Markdown: CommonMark with tables; HTML in it is shown as text, links to other hosts as text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    title, _, rest = source.lstrip().partition("\n")
    title = text.plain(title.lstrip("# ").strip() or name)
    body = parser.render(rest)
    body = re.sub(r"<table>", '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>', body)
    body = body.replace("</table>", "</table></div>")
    body = re.sub(r'(<t[hd]) style="text-align:(right|left|center)"', r'\1 class="to-\2"', body)
    body = body.replace("<th></th>", "<td></td>").replace("<pre>", '<pre tabindex="0">')
    clean = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "text"
    return Guide(f"guide-{clean}.html", title, Markup(body))
