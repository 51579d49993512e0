"""Sizes of a drawing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Canvas:
    """A drawing's size and margins in its own units; `ends` writes names beside the ends of lines."""

    width: int
    height: int
    left: int = 66
    right: int = 96
    top: int = 34
    bottom: int = 48
    ends: bool = True

    def x(self, part: float) -> float:
        """Horizontal place of a part of the x axis."""
        return self.left + part * (self.width - self.left - self.right)

    def y(self, part: float) -> float:
        """Vertical place of a part of the y axis, which points up."""
        return self.height - self.bottom - part * (self.height - self.top - self.bottom)


WIDE = Canvas(860, 430)
PANEL = Canvas(540, 340, left=56, right=92)
NARROW = Canvas(370, 340, left=52, right=14, ends=False)
SMALL = Canvas(320, 150, left=8, right=8, top=8, bottom=8, ends=False)
