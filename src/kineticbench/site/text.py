"""Figures and foreign text as people read them."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

from ..ranking.intervals import Interval

NONE = "–"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ABBREVIATIONS = {"bkw", "l1", "l2", "mlp", "pic", "w1", "w2"}
_PROPER = {"coulomb", "gaussian", "landau", "rosenbluth", "trubnikov"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: Any, most: int = 160) -> str:
    """Text that shows what it holds and nothing more.

    Control characters, direction marks and the like are written as their code points, and what is longer than `most`
    characters is cut with its length told.
    """
    text = str(text)
    length = len(text)
    if length <= most and text.isprintable():
        return text
    cut = text[:most]
    shown = "".join(f"⟨{ord(c):04X}⟩" if unicodedata.category(c) in _HIDDEN else c for c in cut)
    return shown if length <= most else f"{shown}… ({count(length)} characters)"


def paragraph(text: Any, most: int = 20_000) -> str:
    """The same for text of several lines."""
    lines = str(text)[:most].splitlines()
    return "\n".join(plain(line, most) for line in lines)


def count(value: float) -> str:
    """A whole number with thin gaps between thousands."""
    if not math.isfinite(value) or abs(value) >= 1e15:
        return number(value)
    return f"{round(value):,}".replace(",", "\u202f")


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits; a power of ten where it is very small or large."""
    if value is None:
        return NONE
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "NaN"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        rounded = float(f"{value:.{digits - 1}e}")
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        return f"{rounded:.{decimals}f}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def power(value: float) -> str:
    """A round number for an axis: 0.01, 10⁻⁵, 2·10⁷."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:g}"
    mantissa, exponent = f"{value:e}".split("e")
    lead = f"{float(mantissa):g}"
    return ("" if lead == "1" else f"{lead}·") + "10" + str(int(exponent)).translate(_SUPERSCRIPTS)


def error(between: Interval | None) -> str:
    """An error and, where it has one, half the width of its interval, both to the digits that mean something."""
    if between is None:
        return NONE
    half = between.half_width
    if half is None or half == 0:
        return number(between.estimate)
    if not 1e-3 <= abs(between.estimate) < 1e5 or half > 10 * abs(between.estimate):
        return f"{number(between.estimate)} ± {number(half, 1)}"
    lead, exponent = f"{half:.0e}".split("e")
    decimals = min(8, max(0, -int(exponent) + (lead == "1")))
    shown = f"{half:.{decimals}f}"
    return f"{between.estimate:.{decimals}f} ± {shown}"


def seconds(value: float | None) -> str:
    """A duration in the unit that fits: 12.3 µs, 4.56 ms, 7.8 s, 61 min, 2.5 h."""
    if value is None:
        return NONE
    if value == 0:
        return "0"
    if value < 1e-9 or not math.isfinite(value):
        return f"{number(value)} s"
    for limit, unit, name in ((1e-6, 1e-9, "ns"), (1e-3, 1e-6, "µs"), (1.0, 1e-3, "ms"), (120.0, 1.0, "s")):
        if value < limit:
            return f"{number(value / unit)} {name}"
    return f"{number(value / 60)} min" if value < 7200 else f"{number(value / 3600)} h"


def span(value: float) -> str:
    """How long something goes on, roughly: 45 s, 12 min, 3.5 h."""
    if not value >= 0:
        return "0 s"
    for limit, unit, name in ((120.0, 1.0, "s"), (7200.0, 60.0, "min")):
        if value < limit:
            return f"{round(value / unit)} {name}"
    return f"{number(value / 3600)} h"


def memory(value: float | None) -> str:
    """Bytes in MB or GB (powers of ten)."""
    if value is None:
        return NONE
    return f"{number(value / 1e6)} MB" if value < 1e9 else f"{number(value / 1e9)} GB"


def parameters(values: Any) -> str:
    """Parameters as they would be written in a call; JSON values of any depth."""
    if not isinstance(values, dict):
        return plain(values)
    return ", ".join(f"{plain(key, 60)} = {plain(value, 60)}" for key, value in values.items())


def title(name: str) -> str:
    """A name of a plug-in or metric for a heading: words apart, abbreviations and the first letter large."""
    words = [
        word.upper() if word in _ABBREVIATIONS else word.title() if word in _PROPER else word
        for word in plain(name).replace("_", " ").split()
    ]
    heading = " ".join(words) or "unnamed"
    return heading[0].upper() + heading[1:]
