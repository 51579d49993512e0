"""docs/performance.md from the raw samples of a run, and from nothing else."""

from __future__ import annotations

import statistics
from typing import Any

from .turns import per_unit, ratio

_NOISY = 1.25  # the fixed kernel before or after a row, over its best of the whole run
_PREFIXES = (("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0))


def page(run: dict[str, Any]) -> str:
    """The page as Markdown."""
    parts = ["# Speed and accuracy beside our peers", _preamble(run), _standing(run["rows"])]
    best = min((min(row["kernel_s"]) for row in run["rows"]), default=1.0)
    for name, section in run["sections"].items():
        rows = [row for row in run["rows"] if row["key"].partition("/")[0] == name]
        if rows:
            lines = ["| work | peer | ours | the peer's | ratio (95 %) | error | ours | the peer's |"]
            lines += ["|---|---|---:|---:|---:|---|---:|---:|", *(_line(row, best) for row in rows)]
            parts += [f"## {section['title']}", section["text"], "\n".join(lines)]
    noisy = sum(_noisy(row, best) for row in run["rows"])
    if noisy:
        parts.append(
            f"~ The machine was busy with other work around this row ({noisy} of {len(run['rows'])}): a fixed kernel "
            "ran at different speeds. Both sides met it in turn, but rates are lower than on a machine at rest, and "
            "ratios less certain."
        )
    return "\n\n".join(parts) + "\n"


def _preamble(run: dict[str, Any]) -> str:
    hardware, packages = run["hardware"], run["packages"]
    where = f"{hardware['cpu']}, {hardware['cores']} cores" + (f", {hardware['gpu']}" if hardware["gpu"] else "")
    commit = (run["commit"] or "an installed package")[:12] + (" with uncommitted changes" if run["dirty"] else "")
    versions = ", ".join(f"{name} {version}" for name, version in packages.items() if name != "kineticbench")
    return (
        "Written by `python -m benchmarks.peers` (`make peers`) from `benchmarks/peers/measured.json`, which holds "
        "every sample; do not edit.\n\n"
        f"Measured on {run['date']} at commit `{commit}`, on {where} (hardware `{hardware['id']}`), on the "
        f"{run['device']}; {versions}.\n\n"
        "The two sides of a row do the same work from the same numbers in processes of their own, in turn (ABAB…), "
        f"{run['rounds']} times each, warm; short calls are repeated for {run['seconds']:g} s in a turn. The rates are "
        "medians over the turns. *Ratio* is how many times as fast as the peer we are: the median of the ratios of "
        "neighbouring turns, with the interval that holds it at 95 %. Errors are those of the answers that were timed, "
        "against an exact or converged one."
    )


def _standing(rows: list[dict[str, Any]]) -> str:
    """Where we are behind, and how the targets stand."""
    measured = [row for row in rows if _measured(row)]
    behind = [f"{_title(row)} ({_number(1 / ratio(row)[0])} times slower)" for row in measured if ratio(row)[2] < 1]
    level = [_title(row) for row in measured if ratio(row)[1] <= 1 <= ratio(row)[2]]
    lines = [
        f"- **Behind**: {'; '.join(behind) or 'nowhere'}.",
        f"- **Level**, within the interval: {'; '.join(level) or 'nowhere'}.",
    ]
    aimed = [row for row in rows if row["target"] is not None and row["device"] == "cpu"]
    lines += [f"- **Target** {row['target']:g} times {_title(row)}: {_verdict(row)}." for row in aimed]
    return "\n".join(lines)


def _verdict(row: dict[str, Any]) -> str:
    if not _measured(row):
        return "not measured"
    middle, low, high = ratio(row)
    if low >= row["target"]:
        return f"met ({_number(middle)})"
    return f"{'missed' if high < row['target'] else 'open'} ({_number(middle)}, {_number(low)} to {_number(high)})"


def _title(row: dict[str, Any]) -> str:
    return f"{row['peer']}, {row['work']}"


def _line(row: dict[str, Any], best: float) -> str:
    peer = row["peer"] + (f" {row['theirs']['version']}" if row["theirs"].get("version") else "")
    cells = [row["work"] + (" ~" if _noisy(row, best) else ""), peer]
    cells += [_rate(row[side], row["unit"]) for side in ("ours", "theirs")]
    if _measured(row):
        middle, low, high = (_number(value) for value in ratio(row))
        cells.append(f"**{middle}** ({low}–{high})")
    else:
        cells.append("—")
    cells.append(row["measure"])
    cells += ["—" if row[side]["reason"] else f"{row[side]['error']:.2g}" for side in ("ours", "theirs")]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _rate(side: dict[str, Any], unit: str) -> str:
    """Units a second, or why there are none."""
    if side["reason"]:
        return f"not measured: {side['reason']}"
    rate = 1 / statistics.median(per_unit(side))
    prefix, size = next((pair for pair in _PREFIXES if rate >= pair[1]), _PREFIXES[-1])
    return f"{_number(rate / size)} {prefix + ' ' if prefix else ''}{unit}s/s"


def _number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == float("inf"):
        return "∞"
    digits = max(0, 2 - len(str(int(value))) + 1) if value >= 1 else 3
    return f"{value:.{digits}f}"


def _measured(row: dict[str, Any]) -> bool:
    return not row["ours"]["reason"] and not row["theirs"]["reason"]


def _noisy(row: dict[str, Any], best: float) -> bool:
    return max(row["kernel_s"]) > _NOISY * best
