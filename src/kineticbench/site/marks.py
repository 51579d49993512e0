"""The marker and colour of each solver, the same on every page."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from .chart.markers import STYLES, marker


def styles(names: Iterable[str]) -> dict[str, int]:
    """One style for a whole site: solvers numbered in alphabetical order."""
    return {name: place for place, name in enumerate(sorted(set(names)))}


def mark_of(style: int) -> Markup:
    """The marker of a solver for legends and tables."""
    drawn = marker(style, 8, 8, 4.5)
    return Markup(f'<svg class="key s{style % STYLES}" viewBox="0 0 16 16" aria-hidden="true">{drawn}</svg>')
