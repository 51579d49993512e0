"""Why kernels stay below half of their ceiling, and what would be needed; found by experiment where it says so."""

from __future__ import annotations

# By the first words of a kernel's name; the first match counts.
REASONS: dict[str, str] = {}


def reason(name: str) -> tuple[str, str] | None:
    """(the words that matched, the reason), or None."""
    return next(((start, why) for start, why in REASONS.items() if name.startswith(start)), None)
