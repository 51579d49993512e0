"""What a study is kept as; the documentation reads it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def study(key: str, title: str, says: str, size: str, curves: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One question of convergence: what was asked, why the orders are expected, and the curves."""
    return {"key": key, "title": title, "says": says, "size": size, "curves": list(curves)}


def curve(
    name: str,
    sizes: Sequence[float],
    errors: Sequence[float],
    expected: float,
    within: float = 0.3,
    low: Sequence[float] = (),
    high: Sequence[float] = (),
) -> dict[str, Any]:
    """Errors against sizes, both as plain numbers of six digits, so that rounding does not show as a change."""
    return {
        "name": name,
        "sizes": [float(size) for size in sizes],
        "errors": [_rounded(error) for error in errors],
        "expected": expected,
        "within": within,
        "low": [_rounded(value) for value in low],
        "high": [_rounded(value) for value in high],
    }


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
