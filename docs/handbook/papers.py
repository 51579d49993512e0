"""What two papers say beside what official records say: PDE-NHF (arXiv 2505.04471) and PINN–PM (arXiv 2603.10874)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kineticbench.ranking.boards import Board, Standing
from kineticbench.ranking.entries import Entry
from kineticbench.site import labels, rows, summary
from kineticbench.site import text as figures

from .studies import chosen
from .writing import page, table, text

QUOTED = Path(__file__).with_name("quoted.toml")
METRICS = ("w1_position", "w1_momentum")
LANDAU = ("density_l2", "trajectory_error", "score_error")
NONE = "No official record of it yet."


def quoted() -> dict[str, Any]:
    """What others published."""
    return tomllib.loads(QUOTED.read_text(encoding="utf-8"))


def hamiltonian_flow(boards: Sequence[Board]) -> str:
    """Errors of PDE-NHF at every snapshot, theirs and ours, on the data that their weights were trained on."""
    board = chosen(boards, "gaussian_ensemble", generator="published")
    known = quoted()["pde_nhf"]
    lines = []
    for run in known["run"]:
        entry = _of_steps(board, run["steps"])
        for metric in METRICS:
            for place, time in enumerate(run["times"]):
                ours = "–" if entry is None else text(figures.error(_at(entry, metric, time)))
                what = [run["tables"], str(run["steps"]), labels.metric_label(metric), f"{time:g}"]
                lines.append([*what, f"{run[metric][place]:.5f}", ours])
    head = ["Tables", "Steps", "Error", "t", "Theirs", "Ours (95 %)"]
    return page(table(head, lines, (1, 3, 4, 5)), "" if board is None else f"Ours: {text(summary.place_line(board))}.")


def hamiltonian_flow_cost(boards: Sequence[Board]) -> str:
    """Seconds a case of both sides' codes for the two methods; errors against the exact motion where there are any."""
    known = quoted()["pde_nhf"]["cost"]
    lines = [
        ["PDE-NHF, 25 steps", "their code", f"{known['inference_ms']:g} ms", "", ""],
        ["PIC, 128 cells, 25 steps", "their code, interpreted", f"{known['pic_ms']:g} ms", "", ""],
    ]
    board = chosen(boards, "gaussian_ensemble", generator="sheets", start="gaussian")
    best: list[Standing] = [] if board is None else _best(board, ("pde_nhf", "pic", "sheets"))
    for standing in best:
        cost = standing.entry.cost
        assert board is not None
        lines.append(
            [
                text(f"{standing.entry.solver}, {rows.setting(board, standing.entry)}"),
                "ours",
                "–" if cost is None or not cost.warmed else text(figures.seconds(cost.warm / cost.batch)),
                "–" if cost is None else text(figures.seconds(cost.total(board.cases))),
                text(figures.error(standing.interval)),
            ]
        )
    cases = "the batch" if board is None else f"{figures.count(board.cases)} cases"
    head = ["Method", "Code", "A case, warm", f"{cases}, from nothing", "W1 of momenta at t = 1, exact motion"]
    return table(head, lines, (2, 3, 4))


def landau_particles(boards: Sequence[Board]) -> str:
    """The best setting of PINN–PM, and of the methods that its paper compares with, on every problem with a record."""
    parts = []
    for board in boards:
        if "pinn_pm" not in board.solvers or board.place.device != "cpu":
            continue
        metrics = [metric for metric in LANDAU if metric in board.metrics]
        lines = []
        for standing in _best(board, ("pinn_pm", "sbtm", "blob")):
            entry = standing.entry
            errors = [entry.sample(metric) for metric in metrics]
            lines.append(
                [
                    text(f"{entry.solver}, {rows.setting(board, entry)}"),
                    str(len(entry.good)),
                    *("–" if one is None else text(figures.error(one.interval)) for one in errors),
                    text(figures.seconds(None if entry.cost is None else entry.cost.total(1))),
                ]
            )
        head = ["Method", "Seeds", *(labels.metric_label(metric) for metric in metrics), "From nothing"]
        title = f"{labels.dataset_title(board.variant)}: {labels.variant_detail(board.variant)}"
        parts += [f"**{text(title)}**", table(head, lines, tuple(range(1, len(head))))]
    return page(*parts) if parts else NONE


def score_transport(boards: Sequence[Board]) -> str:
    """The public script of score-based transport beside our own on the same problem."""
    known = quoted()["sbtm"]
    theirs = [
        "their script, one core",
        f"{known['density_l2']:g}",
        "their kernel estimate",
        f"{known['minutes']:g} min",
    ]
    lines = [theirs]
    board = chosen(boards, "bkw", dimension=2, final_time=1.0)
    for standing in [] if board is None else board.ranked:
        entry, setting = standing.entry, standing.entry.first.settings.solver.parameters
        if entry.solver in ("sbtm", "blob") and setting.get("particles") == known["particles"]:
            total = figures.seconds(None if entry.cost is None else entry.cost.total(1))
            lines.append([text(f"ours: {entry.solver}, {entry.setting}"), text(figures.error(standing.interval))])
            lines[-1] += ["the suite's" if entry.solver == "sbtm" else "its own density", text(total)]
    return table(["Run", "Density, relative L2", "Density from", "From nothing"], lines, (1, 3))


def _best(board: Board, solvers: Sequence[str]) -> list[Standing]:
    """The most accurate standing of each solver, in their order."""
    found = [next((one for one in board.ranked if one.entry.solver == name), None) for name in solvers]
    return [standing for standing in found if standing is not None]


def _of_steps(board: Board | None, steps: int) -> Entry | None:
    own = [] if board is None else [one.entry for one in board.ranked if one.entry.solver == "pde_nhf"]
    return next((entry for entry in own if entry.first.settings.solver.parameters["steps"] == steps), None)


def _at(entry: Entry, metric: str, time: float) -> Any:
    """The interval of an error at a time; None where it was not taken then."""
    times = entry.times(metric)
    places = [place for place, known in enumerate(times) if abs(known - time) < 1e-9]
    sample = entry.sample(metric, places[0]) if places else None
    return None if sample is None else sample.interval
