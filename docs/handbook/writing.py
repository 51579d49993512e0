"""Markdown from figures, docstrings and foreign text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kineticbench.site.markdown import escape
from kineticbench.site.prose import Block

_EMPHASISED = re.compile(r"\*([^*`]+[.:])\*\s")


def text(shown: str) -> str:
    """Text of a docstring: what stands between backticks is code, all else is read as it is written."""
    parts = shown.replace("``", "`").split("`")
    if len(parts) % 2 == 0:
        return escape(shown)
    return "".join(f"`{part}`" if k % 2 else escape(part) for k, part in enumerate(parts) if part or not k % 2)


def paragraph(shown: str) -> str:
    """A paragraph of a docstring; its first words stand out where they are marked to."""
    found = _EMPHASISED.match(shown)
    return f"*{escape(found[1])}* {text(shown[found.end() :])}" if found else text(shown)


def code(shown: str) -> str:
    """Code within a line."""
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def code_cell(shown: str) -> str:
    """The same in a table, whose cells end at a bar."""
    return code(shown).replace("|", "\\|")


def equation(shown: str) -> str:
    """An equation in Unicode, set as it is written."""
    fence = _fence(shown)
    return f"{fence}{{code-block}} none\n:class: equation\n\n{shown}\n{fence}"


def listing(shown: str, language: str = "none") -> str:
    """Lines of code, or of anything else that is to be shown as it is."""
    fence = _fence(shown)
    return f"{fence}{language}\n{shown.rstrip()}\n{fence}"


def _fence(shown: str) -> str:
    """More backticks than stand anywhere in a text, so that it cannot end its block."""
    return "`" * max(3, max(map(len, re.findall(r"`+", shown)), default=0) + 1)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """A table of cells that are Markdown already; columns whose numbers are in `numeric` are set flush right."""
    rules = ["---:" if k in numeric else "---" for k in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rules, *rows))


def blocks(told: Iterable[Block]) -> list[str]:
    """Paragraphs and equations of a docstring, in their order; headings and definitions are left to the caller."""
    made = []
    for block in told:
        if block.kind == "equation":
            made.append(equation(block.text))
        elif block.kind == "paragraph":
            made.append(paragraph(block.text))
    return made


def page(*parts: str) -> str:
    """Parts as one text, an empty line between them."""
    return "\n\n".join(part for part in parts if part) + "\n"
