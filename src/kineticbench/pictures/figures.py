"""Numbers as pictures hold them: rounded, thinned, packed, and the axes that they span."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from .model import Axis, Packed

_DIGITS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8)
_SIGNIFICANT = 5


def double(array: Any) -> np.ndarray:
    """The array in double precision."""
    return np.asarray(array, dtype=np.float64)


def rounded(values: Iterable[float], digits: int = _SIGNIFICANT) -> list[float | None]:
    """To that many significant digits; None in place of what is not finite."""
    return [float(f"{value:.{digits - 1}e}") if math.isfinite(value) else None for value in map(float, values)]


def packed(values: np.ndarray, low: float, high: float, digits: int) -> Packed:
    """Numbers between `low` and `high` as digits to the base 64; what lies beyond is moved to the nearer end."""
    low, high = float(f"{low:.6e}"), float(f"{high:.6e}")
    most = 64**digits - 1
    share = (double(values).ravel() - low) / (high - low) if high > low else np.zeros(np.size(values))
    whole = np.rint(np.clip(np.nan_to_num(share), 0.0, 1.0) * most).astype(np.int64)
    columns = [whole // 64**place % 64 for place in reversed(range(digits))]
    return Packed(low=low, high=high, digits=digits, packed=_DIGITS[np.stack(columns, axis=1)].tobytes().decode())  # pyright: ignore[reportArgumentType]


def unpacked(code: Packed) -> np.ndarray:
    """The inverse of `packed`, up to its rounding."""
    place = np.zeros(128, dtype=np.int64)
    place[_DIGITS] = np.arange(64)
    digits = place[np.frombuffer(code.packed.encode(), dtype=np.uint8)].reshape(-1, code.digits)
    whole = digits @ 64 ** np.arange(code.digits)[::-1]
    return code.low + (code.high - code.low) * whole / (64**code.digits - 1)


def axis(label: str, *arrays: Any, margin: float = 0.04, log: bool = False) -> Axis:
    """An axis that shows all of these numbers, with a margin; the positive ones where it is logarithmic."""
    values = np.concatenate([double(array).ravel() for array in arrays])
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not values.size:
        return Axis(label=label, low=0.1 if log else 0.0, high=1.0, log=log)
    low, high = float(values.min()), float(values.max())
    if log:
        room = margin * math.log(high / low)
        low, high = (low * math.exp(-room), high * math.exp(room)) if room > 0 else (low / 2, high * 2)
    else:
        size = max(abs(low), abs(high))
        room = max(margin * (high - low), 2e-4 * size) if high > low else 0.5 * size or 0.5
        low, high = low - room, high + room
    return Axis(label=label, low=float(f"{low:.4e}"), high=float(f"{high:.4e}"), log=log)


def thinned(size: int, most: int) -> np.ndarray:
    """At most that many places among so many, equally far apart, the first and the last among them."""
    return np.unique(np.rint(np.linspace(0, size - 1, min(size, most))).astype(int))


def subscripted(letter: str, number: int) -> str:
    """A letter with an index: v₁, v₂."""
    return letter + str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
