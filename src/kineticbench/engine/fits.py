"""Fits: trained once, kept as a file with the record of what the training cost, shared by every setting that can."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..catalog import PACKAGE, Kind
from ..contracts import CorruptFile, Problem, Propagator, TrainedPropagator, TrainedSolver, Unsupported
from ..contracts.dataset import Dataset
from ..files import sha256, write_atomically
from ..results.checkpoint_file import require_sound
from .cell import Cell, PlugInSetting, digest
from .code import code_hash
from .environment import commit, hardware, packages

PACKAGED = PACKAGE / "fits"
SAVE_EVERY_SECONDS = 20.0
CURVE_POINTS = 200
MOST_SHEET = 1 << 24
MOST_DIARY = 100_000_000  # what safetensors allows a header, which holds the curve of a checkpoint

Refit = Literal["never", "stale", "always"]
Report = Callable[[int, int, Mapping[str, float]], None]


class FitRecord(BaseModel):
    """What a training was, cost and gave; lies beside its weights as JSON."""

    model_config = ConfigDict(extra="forbid")

    schema_: Literal["kineticbench/fit/1"] = "kineticbench/fit/1"
    fit: str
    settings: dict[str, Any]
    threads: int
    device: str
    data_seconds: float
    seconds: float
    sessions: int
    created: str
    command: str
    hardware: dict[str, Any]
    packages: dict[str, str]
    code: str
    commit: str | None
    dirty: bool
    file: str
    sha256: str
    curve: dict[str, list[float]]


class Diary(BaseModel):
    """What a checkpoint says of the sessions before it."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    sessions: Annotated[int, Field(ge=1, le=1_000_000)]
    figures: dict[str, list[float]]


def fit_settings(cell: Cell, solver: TrainedSolver) -> dict[str, Any]:
    """Everything a fit depends on; query fields, device and threads are not among it.

    Nor are split and number of cases where one fit serves all.
    """
    parameters = {k: v for k, v in cell.solver.parameters.items() if k not in solver.query_fields}
    dataset = {"name": cell.dataset.name, "parameters": cell.dataset.parameters, "seed": cell.dataset_seed}
    return {
        "dataset": dataset if solver.amortised else dataset | {"split": cell.split, "cases": cell.cases},
        "solver": {"name": cell.solver.name, "parameters": parameters},
        "seed": cell.seed,
        "precision": cell.precision,
    }


def stem(cell: Cell, solver: TrainedSolver) -> str:
    """Name of the fit's files: the solver and a hash of its settings."""
    return f"{cell.solver.name}-{digest(fit_settings(cell, solver))[:16]}"


@dataclass
class Obtained:
    """A propagator, and what its fit cost: `record` is None for a solver that keeps no fits."""

    propagator: Propagator
    record: FitRecord | None
    seconds: float
    data_seconds: float
    restored: bool


def command(cell: Cell) -> str:
    """The command line that makes this fit again."""

    def changed(option: str, kind: Kind, plug_in: PlugInSetting) -> list[str]:
        usual = PlugInSetting.of(kind, plug_in.source or plug_in.name, {}).parameters
        pairs = ((k, v) for k, v in plug_in.parameters.items() if usual.get(k) != v)
        return [word for k, v in pairs for word in (option, f"{k}={v if isinstance(v, str) else json.dumps(v)}")]

    words = ["kineticbench", "fit", cell.solver.name, "--dataset", cell.dataset.name]
    words += changed("--set", "solvers", cell.solver) + changed("--data", "datasets", cell.dataset)
    words += ["--seed", str(cell.seed), "--precision", cell.precision, "--device", cell.device]
    return shlex.join([*words, "--threads", str(cell.threads)])


def stored(name: str, folders: list[Path]) -> tuple[Path, FitRecord] | None:
    """The first of the folders that holds this fit, its check sum verified.

    Raises
    ------
    CorruptFile
        Where the weights are not those that the record speaks of, or the record does not parse.
    """
    for folder in folders:
        weights, sheet = folder / f"{name}.safetensors", folder / f"{name}.json"
        if not (weights.is_file() and sheet.is_file()):
            continue
        record = _sheet(sheet)
        if record.file != weights.name:
            raise CorruptFile(f"{sheet} speaks of {record.file[:100]!r} and not of the file beside it.", "Delete both.")
        if sha256(weights) != record.sha256:
            raise CorruptFile(f"{weights} is not the file its record speaks of.", "Delete both to train it again.")
        require_sound(weights)
        return weights, record
    return None


def _sheet(path: Path) -> FitRecord:
    try:
        if path.stat().st_size > MOST_SHEET:
            raise CorruptFile(f"{path} is larger than {MOST_SHEET >> 20} MiB.", "Delete it.")
        return FitRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        found = error.errors(include_url=False)[0]["msg"]
        raise CorruptFile(f"{path} is not a fit record: {found}.", "Delete it.") from None


def obtain(
    cell: Cell, dataset: Dataset, solver: Any, problem: Problem, folder: Path, report: Report, refit: Refit = "never"
) -> Obtained:
    """Fit a solver, or find the fit that was made before in `folder` or in the package.

    With `refit` "stale" one that other code made than today's is made again, with "always" any.

    An amortised solver is given the training set, and no initial density and no ensemble; any other is given its
    problem and no training set. Training that was killed goes on from its last checkpoint, and its seconds add up.
    """
    seen = problem.without_start() if solver.amortised else problem
    if isinstance(solver, TrainedSolver):
        return _obtain_trained(cell, dataset, solver, seen, folder, report, refit)
    training = dataset.training(cell.dataset_seed) if solver.amortised else None
    begun = time.perf_counter()
    propagator = solver.fit(seen, training, cell.seed, cell.device, cell.precision)
    seconds = time.perf_counter() - begun
    return Obtained(propagator, None, seconds, training.seconds if training else 0.0, restored=False)


def _obtain_trained(
    cell: Cell, dataset: Dataset, solver: TrainedSolver, problem: Problem, folder: Path, report: Report, refit: Refit
) -> Obtained:
    import filelock

    name, code = stem(cell, solver), code_hash([cell.solver.plug_in("solvers"), cell.dataset.plug_in("datasets")])
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / f".{name}.lock"):
        known = stored(name, [folder, PACKAGED])
        if known is not None and (refit == "never" or (refit == "stale" and known[1].code == code)):
            weights, record = known
            propagator = solver.restore(weights, problem, cell.device, cell.precision)
            return Obtained(propagator, record, record.seconds, record.data_seconds, restored=True)
        training = dataset.training(cell.dataset_seed) if solver.amortised else None
        if training is None and solver.amortised:
            raise Unsupported(f"{cell.dataset.name} has nothing to learn from.", "Choose another dataset.")
        progress = Checkpoints(folder / f".{name}.{code[:8]}.checkpoint.safetensors", report)
        propagator = solver.fit(problem, training, cell.seed, cell.device, cell.precision, progress=progress)
        assert isinstance(propagator, TrainedPropagator)
        seconds, data_seconds = progress.seconds(), training.seconds if training else 0.0
        weights = folder / f"{name}.safetensors"
        write_atomically(weights, propagator.save)
        head, dirty = commit()
        record = FitRecord(
            fit=name,
            settings=fit_settings(cell, solver),
            threads=cell.threads,
            device=cell.device,
            data_seconds=data_seconds,
            seconds=seconds,
            sessions=progress.sessions,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=command(cell),
            hardware=hardware(),
            packages=packages(),
            code=code,
            commit=head,
            dirty=dirty,
            file=weights.name,
            sha256=sha256(weights),
            curve=progress.curve(),
        )
        write_atomically(folder / f"{name}.json", (record.model_dump_json(indent=1) + "\n").encode())
        for checkpoint in folder.glob(f".{name}.*checkpoint*"):  # also those that other code left
            checkpoint.unlink()
        return Obtained(propagator, record, seconds, data_seconds, restored=False)


class Checkpoints:
    """A `Progress` that keeps checkpoints in a file, counts seconds over several sessions, and draws the loss curve.

    Parameters
    ----------
    path
        The checkpoint file (safetensors).
    report
        Called with (done, total, figures).
    """

    def __init__(self, path: Path, report: Report):
        self._path, self._tell = path, report
        self._begun = time.perf_counter()
        self._before = 0.0
        self._saved = time.perf_counter()
        self._figures: dict[str, list[float]] = {}
        self.sessions = 1

    def seconds(self) -> float:
        """Training time so far, sessions before a kill included as far as they were kept."""
        return self._before + time.perf_counter() - self._begun

    def curve(self) -> dict[str, list[float]]:
        """At most about 200 points of every figure that was reported, the last one always."""
        count = len(self._figures.get("done", ()))
        keep = sorted(set(np.linspace(0, count - 1, min(count, CURVE_POINTS)).round().astype(int))) if count else []
        return {name: [values[i] for i in keep] for name, values in self._figures.items()}

    def report(self, done: int, total: int, **figures: float) -> None:
        """Show the figures and add them to the curve."""
        figures = {name: float(value) for name, value in figures.items()}
        for name, value in {"done": float(done), "seconds": round(self.seconds(), 3), **figures}.items():
            self._figures.setdefault(name, []).append(value)
        self._tell(done, total, figures)

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Keep a checkpoint, at most one every 20 seconds (asked more often, it returns at once)."""
        if time.perf_counter() - self._saved < SAVE_EVERY_SECONDS:
            return
        from safetensors.numpy import save

        diary = {"seconds": self.seconds(), "sessions": self.sessions, "figures": self._figures}
        arrays = {name: np.ascontiguousarray(value) for name, value in state.items()}
        write_atomically(self._path, save(arrays, {"diary": json.dumps(diary)}))
        self._saved = time.perf_counter()

    def resume(self) -> dict[str, np.ndarray] | None:
        """The newest checkpoint; None, with the file set aside, where it does not parse."""
        if not self._path.is_file():
            return None
        from safetensors import SafetensorError, safe_open

        try:
            require_sound(self._path, most_header=MOST_DIARY)
            with safe_open(self._path, "numpy") as file:
                diary = Diary.model_validate_json(file.metadata()["diary"])
                state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        except (CorruptFile, SafetensorError, KeyError, TypeError, ValueError, OSError):
            self._path.replace(self._path.with_suffix(".corrupt"))
            return None
        self._before, self._begun = diary.seconds, time.perf_counter()
        self.sessions, self._figures = diary.sessions + 1, diary.figures
        return state
