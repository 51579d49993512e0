"""Eight shapes, filled or hollow, so that colour is not needed to tell series apart."""

from __future__ import annotations

import math

STYLES = 8


def marker(style: int, x: float, y: float, size: float = 4.5) -> str:
    """The mark of the series with this style, centred at (x, y)."""
    cycle = style // STYLES
    s, shape, kind = size, (style + cycle) % STYLES, "mark hollow" if cycle % 2 else "mark"
    if shape == 0:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{s:g}"/>'
    corners = {
        1: ((-s, -s), (s, -s), (s, s), (-s, s)),
        2: ((0, -1.3 * s), (1.2 * s, s), (-1.2 * s, s)),
        3: ((0, -1.4 * s), (1.4 * s, 0), (0, 1.4 * s), (-1.4 * s, 0)),
        4: ((0, 1.3 * s), (1.2 * s, -s), (-1.2 * s, -s)),
        5: _cross(s),
        6: tuple((1.2 * s * math.sin(k * math.pi / 3), -1.2 * s * math.cos(k * math.pi / 3)) for k in range(6)),
        7: _star(s),
    }[shape]
    return f'<polygon class="{kind}" points="{" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)}"/>'


def _cross(s: float) -> tuple[tuple[float, float], ...]:
    a, b = 0.45 * s, 1.3 * s
    plus = ((-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a))
    return tuple(((p - q) * math.sqrt(0.5), (p + q) * math.sqrt(0.5)) for p, q in plus)


def _star(s: float) -> tuple[tuple[float, float], ...]:
    radii = (1.6 * s, 0.7 * s)
    return tuple(
        (radii[k % 2] * math.sin(k * math.pi / 5), -radii[k % 2] * math.cos(k * math.pi / 5)) for k in range(10)
    )
