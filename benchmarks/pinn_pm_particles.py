"""Does PINN–PM need fewer particles for the same error? `python benchmarks/pinn_pm_particles.py results > table.md`.

From a folder of records, a Markdown table for every problem and machine: errors at the last time with 95 % intervals
over seeds, against three counts of particles, since with fresh sampling there is no single one, and against the total
cost of one solve (training included):

    batch       particles of one update of a trained method; for the others those that move
    distinct    different particles that the training saw; for the others those that move
    inference   particles whose trajectories are returned

Below it the answer for each count: the least that each method needed to be as accurate as the best PINN–PM setting, up
to the interval of the difference. Records are read anew each time, so a suite that was interrupted shows what it has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kineticbench import catalog
from kineticbench.ranking.entries import Entry, Place, Variant, entries
from kineticbench.ranking.intervals import ErrorSample, difference
from kineticbench.results.record import Record
from kineticbench.results.store import Store

ASKED = "pinn_pm"
COUNTS = ("batch", "distinct", "inference")
METRICS = ("density_l2", "trajectory_error", "score_error")


@dataclass(frozen=True, eq=False)
class Row:
    """One setting: its particles by kind, its errors by metric (those that it has), and its seconds."""

    entry: Entry
    particles: dict[str, int]
    errors: dict[str, ErrorSample]
    seconds: float | None

    @classmethod
    def of(cls, entry: Entry, metrics: Iterable[str]) -> Row:
        """From its records."""
        found = {metric: entry.sample(metric) for metric in metrics}
        errors = {metric: sample for metric, sample in found.items() if sample is not None}
        total = None if entry.cost is None else entry.cost.total(entry.cases)
        record = entry.first
        assert isinstance(record, Record)  # read whole, with its diagnostics
        return cls(entry, counted(record), errors, total)

    @property
    def name(self) -> str:
        """Solver and setting."""
        return f"{self.entry.solver} ({self.entry.setting})"


def counted(record: Record) -> dict[str, int]:
    """Particles by kind: as the solver reports them, else the number that it was given for all three."""
    usual = getattr(catalog.find("solvers", record.settings.solver.name).load(), "particles", 0)
    wanted = record.settings.solver.parameters.get("particles", usual)
    moving = int(wanted) if isinstance(wanted, int | float) else 0
    known = {kind: record.diagnostics.get(f"particles_{kind}") for kind in COUNTS}
    flat = {kind: value[0] if isinstance(value, list) and value else value for kind, value in known.items()}
    return {kind: int(value) if isinstance(value, int | float) else moving for kind, value in flat.items()}


def table(variant: Variant, place: Place, rows: list[Row], metrics: list[str]) -> str:
    """The table of one problem on one machine, and the answer below it."""
    heads = ["method", "seeds", *COUNTS, *metrics, "total s"]
    lines = [f"## {variant.name} {variant.parameters}", "", f"{place.device}, {place.threads} threads", ""]
    lines += ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in sorted(rows, key=lambda row: (row.entry.solver, row.seconds or 0.0)):
        cells = [row.name, str(len(row.entry.good)), *(f"{row.particles[kind]:,}" for kind in COUNTS)]
        cells += [shown(row.errors.get(metric)) for metric in metrics]
        cells.append("—" if row.seconds is None else f"{row.seconds:.3g}" + ("*" if row.entry.noisy else ""))
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "\\* measured while the machine was busy", ""]
    return "\n".join(lines + [line for metric in metrics for line in answer(rows, metric)])


def shown(sample: ErrorSample | None) -> str:
    """An error and its interval."""
    if sample is None:
        return "—"
    interval = sample.interval
    if interval.low is None or interval.high is None:
        return f"{interval.estimate:.3g}"
    return f"{interval.estimate:.3g} [{max(interval.low, 0.0):.3g}, {interval.high:.3g}]"


def answer(rows: list[Row], metric: str) -> list[str]:
    """For one metric: what the best setting of PINN–PM reached, and the least that each other method needed for it."""
    scored = [row for row in rows if metric in row.errors]
    own = [row for row in scored if row.entry.solver == ASKED]
    if not own:
        return []
    best = min(own, key=lambda row: row.errors[metric].mean)
    lines = [f"- {metric}: the best of {ASKED} is {shown(best.errors[metric])} with {_figures(best)}."]
    for solver in sorted({row.entry.solver for row in scored} - {ASKED}):
        equal = [row for row in scored if row.entry.solver == solver and as_accurate(row, best, metric)]
        if not equal:
            lines.append(f"  No setting of {solver} is as accurate.")
            continue
        least = min(equal, key=lambda row: row.particles["inference"])
        fewer = [kind for kind in COUNTS if best.particles[kind] < least.particles[kind]]
        verdict = f"{ASKED} has fewer in {' and '.join(fewer)}" if fewer else f"{ASKED} has fewer in no count"
        lines.append(f"  {solver} is as accurate with {_figures(least)}: {verdict}.")
    return lines


def as_accurate(row: Row, best: Row, metric: str) -> bool:
    """Whether its error is smaller, or the interval of the difference holds 0."""
    gap = difference(row.errors[metric], best.errors[metric])
    return gap.estimate <= 0 or gap.contains(0.0)


def report(records: list[Record], solvers: Iterable[str]) -> str:
    """Every problem on which PINN–PM has a record that ended well."""
    parts = []
    for (variant, place), group in entries(records).items():
        chosen = [entry for entry in group if entry.good and entry.solver in {ASKED, *solvers}]
        metrics = [name for name in METRICS if any(entry.sample(name) is not None for entry in chosen)]
        if any(entry.solver == ASKED for entry in chosen):
            parts.append(table(variant, place, [Row.of(entry, metrics) for entry in chosen], metrics))
    return "\n\n".join(parts) or f"No record of {ASKED} ended well here."


def _figures(row: Row) -> str:
    counts = ", ".join(f"{row.particles[kind]:,} {kind}" for kind in COUNTS)
    return f"{counts} particles" + ("" if row.seconds is None else f" in {row.seconds:.3g} s")


def main(arguments: list[str]) -> None:
    """Read a folder and write its tables to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--against", nargs="+", default=["blob", "sbtm"])
    asked = parser.parse_args(arguments)
    sys.stdout.write("# Does PINN–PM need fewer particles?\n\n")
    sys.stdout.write("Made from the official records by `python benchmarks/pinn_pm_particles.py leaderboard/records`; ")
    sys.stdout.write("`batch` and `distinct` count what training sees, `inference` what is returned.\n\n")
    sys.stdout.write(report(Store(asked.results).read().records, asked.against) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
