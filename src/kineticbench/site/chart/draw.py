"""Draws a figure as SVG with classes for the style sheet, one drawing for wide and one for narrow screens."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .. import text
from .axes import horizontal, vertical
from .canvas import Canvas
from .figure import Figure, Point, Series
from .markers import STYLES, marker


def draw(figure: Figure, canvas: Canvas, *, size: str = "wide", style: str = "", bare: bool = False) -> str:
    """The SVG element.

    Parameters
    ----------
    figure
        What to draw.
    canvas
        How large.
    size
        A class of the element, and part of its identifier.
    style
        A style sheet to put inside, for a drawing that stands alone.
    bare
        Leave out axes, labels and links: a thumbnail.
    """
    identifier = f"{figure.identifier}-{size}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {size} {figure.kind}" role="group" '
        f'viewBox="0 0 {canvas.width} {canvas.height}" aria-labelledby="{identifier}-title">'
        f'<title id="{identifier}-title">{escape(figure.title)}</title>'
    ]
    if style:
        parts.append(f"<style>{style}</style>")
        parts.append(f'<rect class="page" width="{canvas.width}" height="{canvas.height}"/>')
    if not bare:
        parts += [_below(figure, canvas), *horizontal(figure.x, canvas), *vertical(figure.y, canvas)]
    parts += _frontier(figure, canvas)
    for series in figure.series:
        parts += _series(series, figure, canvas, bare)
    if canvas.ends:
        parts += _names(figure, canvas)
    parts.append("</svg>")
    return "".join(parts)


def _place(point: tuple[float, float], figure: Figure, canvas: Canvas) -> tuple[float, float]:
    return canvas.x(figure.x.scale(point[0])), canvas.y(figure.y.scale(point[1]))


def _below(figure: Figure, canvas: Canvas) -> str:
    top = canvas.y(figure.y.scale(figure.below))
    if figure.below <= 0 or canvas.y(0) - top < 1:
        return ""
    left, right, base = canvas.x(0), canvas.x(1), canvas.y(0)
    area = f'<path class="below" d="M{left:.1f} {top:.1f}H{right:.1f}V{base:.1f}H{left:.1f}Z"/>'
    if base - top < 16:
        return area
    caption = "below the error of the reference"
    return f'{area}<text class="note" x="{right - 6:.1f}" y="{top + 13:.1f}" text-anchor="end">{caption}</text>'


def _frontier(figure: Figure, canvas: Canvas) -> list[str]:
    if not figure.frontier:
        return []
    places = [_place(point, figure, canvas) for point in figure.frontier]
    path = f"M{places[0][0]:.1f} {canvas.y(1):.1f}V{places[0][1]:.1f}"
    path += "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:]) + f"H{canvas.x(1):.1f}"
    area = f'<path class="reached" d="{path}V{canvas.y(1):.1f}Z"/>'
    return [area, f'<path class="frontier" d="{path}"/>']


def _series(series: Series, figure: Figure, canvas: Canvas, bare: bool) -> list[str]:
    places = [_place((point.x, point.y), figure, canvas) for point in series.points]
    made = [f'<g class="series s{series.style % STYLES}{" dashed" if series.dashed else ""}">']
    if len(places) > 1:
        made.append(f'<path class="line" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>')
    for point, (x, y) in zip(series.points, places, strict=True):
        if point.low is not None and point.high is not None and not bare:
            low, high = (canvas.y(figure.y.scale(end)) for end in (point.low, point.high))
            made.append(f'<path class="bar" d="M{x:.1f} {low:.1f}V{high:.1f}"/>')
        mark = marker(series.style, x, y, 2.6 if bare or figure.kind == "line" else 4.5)
        made.append(mark if bare else _linked(mark, point))
    return [*made, "</g>"]


def _linked(mark: str, point: Point) -> str:
    tip = escape(point.tip)
    if not point.href:
        return f'<g class="point" data-tip="{tip}"><title>{tip}</title>{mark}</g>'
    link = f'<a class="point" href="{escape(point.href)}" data-tip="{tip}" aria-label="{tip}">'
    return f"{link}<title>{tip}</title>{mark}</a>"


def _names(figure: Figure, canvas: Canvas) -> list[str]:
    """The name of each series beside its last point, moved apart where they would overlap."""
    wanted = []
    for series in figure.series:
        if series.points:
            end = max(series.points, key=lambda point: (figure.x.scale(point.x), -figure.y.scale(point.y)))
            wanted.append((*_place((end.x, end.y), figure, canvas), series))
    made = []
    for (x, y, series), moved in zip(wanted, _apart([(x, y) for x, y, _ in wanted], 15), strict=True):
        name = escape(text.plain(series.name, 14))
        at = min(x + 10, canvas.width - 7 * len(text.plain(series.name, 14)) - 4)
        made.append(f'<text class="name s{series.style % STYLES}" x="{at:.1f}" y="{moved + 4:.1f}">{name}</text>')
        del y
    return made


def _apart(places: Sequence[tuple[float, float]], gap: float) -> list[float]:
    """Heights near the given ones, of which no two that are close to each other sideways lie nearer than `gap`."""
    heights = [y for _, y in places]
    order = sorted(range(len(places)), key=lambda i: heights[i])
    for i_place, i in enumerate(order):
        for j in order[:i_place]:
            if abs(places[i][0] - places[j][0]) < 110 and heights[i] < heights[j] + gap:
                heights[i] = heights[j] + gap
    return heights
