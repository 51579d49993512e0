"""Options that are numbers within limits: one line says which, also of infinity and of what is no number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

GIGABYTES = 1e6  # of memory: a petabyte
SECONDS = 31_536_000.0  # a year


def within(least: float, most: float) -> Callable[[typer.CallbackParam, Any], Any]:
    """A callback of an option: hands its number on, or raises `InvalidInput` where it is out of these limits or NaN."""

    def checked(param: typer.CallbackParam, value: Any) -> Any:
        if value is None or least <= value <= most:
            return value
        from ..contracts.errors import InvalidInput

        raise InvalidInput(
            f"--{param.name} cannot be {_shown(value)}.", f"Give a number from {_shown(least)} to {_shown(most)}."
        )

    return checked


def _shown(number: float) -> str:
    return f"{number:,.15g}".replace(",", " ")
