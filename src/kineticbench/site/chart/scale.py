"""Scales of an axis: values to points, and round values to mark."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass


class Scale(ABC):
    """Maps a range of values to [0, 1]."""

    @abstractmethod
    def __call__(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one; clamped to both."""

    @abstractmethod
    def ticks(self, most: int) -> list[float]:
        """At most `most` round values to label, ascending."""

    @abstractmethod
    def minor(self) -> list[float]:
        """Values to mark without a label."""


@dataclass(frozen=True)
class Log(Scale):
    """Logarithmic from `low` to `high`, both positive."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float], pad: float = 0.06) -> Log:
        """The scale that holds the positive ones of some values, with room at both ends; at least half a decade."""
        positive = [value for value in values if 0 < value < math.inf]
        low = math.log10(min(positive, default=0.1))
        high = math.log10(max(positive, default=1.0))
        if high - low < 0.5:
            low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
        room = pad * (high - low)
        return cls(10 ** max(-300.0, low - room), 10 ** min(300.0, high + room))

    def __call__(self, value: float) -> float:
        """Where a value lies; what is not positive lies at the low end."""
        if value <= self.low:
            return 0.0
        return min(1.0, math.log10(min(value, self.high) / self.low) / math.log10(self.high / self.low))

    def ticks(self, most: int) -> list[float]:
        """Powers of ten; 1, 2 and 5 times those where there are few."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for factors in ((1, 2, 5), (1, 3), (1,)):
            found = [float(f"{m}e{k}") for k in range(first, last + 1) for m in factors]
            inside = [value for value in found if self.low <= value <= self.high]
            if len(inside) <= most:
                return inside
        return inside[:: math.ceil(len(inside) / most)]

    def minor(self) -> list[float]:
        """Whole multiples of powers of ten; none over more than six decades."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        if last - first > 7:
            return []
        found = [float(f"{m}e{k}") for k in range(first, last + 1) for m in range(1, 10)]
        return [value for value in found if self.low <= value <= self.high]


@dataclass(frozen=True)
class Linear(Scale):
    """Linear from `low` to `high`."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float], pad: float = 0.0) -> Linear:
        """The scale that holds some values."""
        finite = [value for value in values if abs(value) < 1e150]
        low, high = min(finite, default=0.0), max(finite, default=1.0)
        room = pad * (high - low) or (0.5 * abs(high) or 0.5 if high == low else 0.0)
        return cls(low - room, high + room)

    def __call__(self, value: float) -> float:
        """Where a value lies."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def ticks(self, most: int) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten."""
        raw = (self.high - self.low) / max(1, most - 1)
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
        start, stop = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [float(f"{k * step:.9g}") for k in range(start, stop + 1)]

    def minor(self) -> list[float]:
        """None."""
        return []
