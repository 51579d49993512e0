"""Axes of a drawing: grid, ticks, labels."""

from __future__ import annotations

from html import escape

from .. import text
from .canvas import Canvas
from .figure import Axis


def horizontal(axis: Axis, canvas: Canvas) -> list[str]:
    """The x axis with its grid."""
    base, left, right = canvas.y(0), canvas.x(0), canvas.x(1)
    marks = "".join(f"M{canvas.x(axis.scale(value)):.1f} {base:.1f}v4" for value in axis.scale.minor())
    made = [f'<path class="minor" d="{marks}"/>'] if marks else []
    for value in axis.scale.ticks(max(3, int(right - left) // 72)):
        x = canvas.x(axis.scale(value))
        made.append(f'<path class="grid" d="M{x:.1f} {canvas.y(1):.1f}V{base:.1f}"/>')
        made.append(_text("tick", x, base + 18, "middle", tick_label(value, axis)))
    made.append(f'<path class="base" d="M{left:.1f} {base:.1f}H{right:.1f}"/>')
    made.append(_text("axis", (left + right) / 2, canvas.height - 8, "middle", axis.label))
    return made


def vertical(axis: Axis, canvas: Canvas) -> list[str]:
    """The y axis with its grid."""
    made = []
    for value in axis.scale.ticks(max(3, int(canvas.y(0) - canvas.y(1)) // 44)):
        y = canvas.y(axis.scale(value))
        made.append(f'<path class="grid" d="M{canvas.x(0):.1f} {y:.1f}H{canvas.x(1):.1f}"/>')
        made.append(_text("tick", canvas.left - 8, y + 4, "end", tick_label(value, axis)))
    made.append(_text("axis", canvas.left, canvas.top - 10, "start", axis.label))
    return made


def tick_label(value: float, axis: Axis) -> str:
    """A round value: 0.01, 10⁻⁵, 5 ms."""
    if not axis.seconds:
        return text.power(value)
    figure, _, unit = text.seconds(value).partition(" ")
    return f"{float(figure):g} {unit}" if figure.replace(".", "", 1).isdigit() and unit else figure


def _text(kind: str, x: float, y: float, anchor: str, shown: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(shown)}</text>'
