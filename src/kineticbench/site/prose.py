"""Docstrings as blocks that a page can set: paragraphs, equations, definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

from . import text


@dataclass(frozen=True)
class Block:
    """A part of a docstring.

    Parameters
    ----------
    kind
        "paragraph", "equation" (set as written), "heading" or "definitions".
    text
        Its text.
    items
        Terms and what they mean, for definitions.
    """

    kind: Literal["paragraph", "equation", "heading", "definitions"]
    text: str = ""
    items: list[tuple[str, str]] = field(default_factory=list)


def blocks(doc: str) -> list[Block]:
    """The blocks of a docstring in the style of numpydoc, without its first line."""
    lines = text.paragraph(doc).split("\n")[1:]
    made: list[Block] = []
    definitions = False
    for chunk in _chunks(lines):
        if len(chunk) > 1 and set(chunk[1].strip()) == {"-"}:
            made.append(Block("heading", chunk[0].strip()))
            definitions = chunk[0].strip() in ("Parameters", "Attributes", "Raises", "Returns")
            chunk = chunk[2:]
            if not chunk:
                continue
        if definitions:
            made.append(Block("definitions", items=_items(chunk)))
        elif all(line.startswith("    ") for line in chunk):
            made.append(Block("equation", "\n".join(line[4:] for line in chunk)))
        else:
            made.append(Block("paragraph", " ".join(line.strip() for line in chunk)))
    return made


def inline(shown: str) -> Markup:
    """Text for a page, with what stands between backticks set as code."""
    parts = shown.replace("``", "`").split("`")
    pieces = (Markup("<code>{}</code>").format(part) if k % 2 else escape(part) for k, part in enumerate(parts))
    return Markup("").join(pieces) if len(parts) % 2 else escape(shown)


def _chunks(lines: list[str]) -> list[list[str]]:
    chunks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _items(chunk: list[str]) -> list[tuple[str, str]]:
    items: list[tuple[str, str]] = []
    for line in chunk:
        if not line.startswith(" "):
            items.append((line.strip(), ""))
        elif items:
            term, meaning = items[-1]
            items[-1] = (term, f"{meaning} {line.strip()}".strip())
    return items
