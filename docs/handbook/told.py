"""A docstring taken apart: its first line, its prose, and the meaning of every parameter."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kineticbench.site import prose

_GOOD = "Good values:"


@dataclass(frozen=True)
class Told:
    """What a docstring says.

    Parameters
    ----------
    summary
        Its first line.
    equations
        The equations that it opens with.
    prose
        Everything after them up to the first heading, without the good values.
    good
        What it says of good values; empty where it says nothing.
    meanings
        What each name under "Parameters" or "Attributes" means; names that share an entry have the same text.
    """

    summary: str
    equations: Sequence[prose.Block]
    prose: Sequence[prose.Block]
    good: str
    meanings: Mapping[str, str]


def told(doc: str) -> Told:
    """Take a docstring apart."""
    doc = inspect.cleandoc(doc)
    found = prose.blocks(doc)
    headings = [place for place, block in enumerate(found) if block.kind == "heading"]
    before = found[: headings[0]] if headings else found
    opening = next((place for place, block in enumerate(before) if block.kind != "equation"), len(before))
    rest, good = _without_good_values(before[opening:])
    return Told(doc.partition("\n")[0].strip(), before[:opening], rest, good, _meanings(found))


def _without_good_values(found: Sequence[prose.Block]) -> tuple[list[prose.Block], str]:
    rest, good = [], []
    for block in found:
        before, mark, after = block.text.partition(_GOOD)
        if block.kind == "paragraph" and mark:
            good.append(after.strip())
            block = prose.Block("paragraph", before.strip())
        if block.text:
            rest.append(block)
    return rest, " ".join(good)


def _meanings(found: Sequence[prose.Block]) -> dict[str, str]:
    heading, made = "", {}
    for block in found:
        heading = block.text if block.kind == "heading" else heading
        if block.kind == "definitions" and heading in ("Parameters", "Attributes"):
            made |= {name.strip(): meaning for names, meaning in block.items for name in names.split(",")}
    return made
