"""Examples in pages and docstrings: what they say is printed, is printed."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest
from handbook.documents import ROOT, blocks

PAGES = [
    path
    for path in sorted((ROOT / "docs").rglob("*.md"))
    if not {"_build", "generated"} & set(path.relative_to(ROOT).parts) and ">>>" in path.read_text(encoding="utf-8")
]
SOURCES = [path for path in sorted((ROOT / "src" / "kineticbench").rglob("*.py")) if "    >>> " in path.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pages(page: Path) -> None:
    examples = "\n".join(block.body for block in blocks(page) if block.language == "pycon")
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)
    assert test.examples
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_docstrings(source: Path) -> None:
    name = ".".join(source.relative_to(ROOT / "src").with_suffix("").parts)
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_some() -> None:
    assert PAGES
    assert SOURCES
