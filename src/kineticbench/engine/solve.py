"""One attempt at one cell, inside a worker: problem, fit, cold and warm calls, check, store, score."""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import (
    Dataset,
    Ensemble,
    Problem,
    Solution,
    Solver,
    Unsupported,
)
from ..contracts import check as check_solution
from ..files import CannotWrite, sha256, write_atomically
from ..results import solution_file
from ..results.record import State
from . import gpu, pictures, scoring, timing
from .cell import Cell
from .cores import held
from .environment import hardware
from .fits import Obtained, obtain
from .problems import OffTheClock, Problems
from .verdict import explain, require_small, require_solution

Say = Callable[[dict[str, Any]], None]
_PROGRESS_SECONDS = 0.2


class Attempt:
    """One attempt; `run` says what it measures as it goes, so that what ends it early loses nothing.

    Parameters
    ----------
    job
        The message that asked for it: "cell", "run", "limits", "timing", "results", "solution_bytes",
        "pictures".
    say
        Sends a message.
    problems
        Shared by the attempts of one worker.
    """

    def __init__(self, job: Mapping[str, Any], say: Say, problems: Problems):
        self._job, self._send, self._problems = job, say, problems
        self._cell = Cell.from_dict(job["cell"])
        self._warm = None if job["timing"] is None else timing.WarmCalls(**job["timing"])
        self._told = 0.0
        self._ran, self._since = 0.0, None

    def run(self) -> tuple[State, str | None]:
        """The state, and the reason where it is not ok."""
        try:
            self._run()
        except BaseException as error:
            if isinstance(error, CannotWrite):
                self._no_room(error)
            return explain(error)
        return "ok", None

    def _run(self) -> None:
        self._phase("problem")
        seed_everything(self._cell)
        gpu.require(self._cell.device)
        dataset, solver = self._problems.build(self._cell)
        problem, seconds = timing.timed(lambda: self._problems.problem(self._cell, dataset))
        require_supported(solver, problem)
        ensemble, drawn = timing.timed(lambda: start(solver, problem, self._cell.seed))
        self._measured("solve", problem_s=seconds + drawn, cases=None if ensemble is None else ensemble.cases)
        sum_before = check_sum(ensemble)
        solution = self._solve(dataset, solver, replace(problem, ensemble=ensemble))
        if check_sum(ensemble) != sum_before:
            raise RuntimeError(
                "The solver changed the particles it was given; it must leave its arguments as they are."
            )
        self._phase("score")
        self._keep(solution, problem)
        self._send({"event": "measured", "part": "diagnostics", "values": scoring.diagnostics(solution)})
        reference = self._problems.reference(dataset, problem)
        scores = scoring.score(dataset, problem, reference, solution)
        self._send({"event": "measured", "part": "metrics", "values": scores.model_dump()})
        if self._job.get("pictures", True):
            where = Path(self._job["results"]), self._cell.id, self._job["run"]
            self._measured("pictures", file=pictures.keep(*where, solution, reference, problem))

    def _solve(self, dataset: Dataset, solver: Solver, problem: Problem) -> Solution:
        """Fit, cold call, warm calls; the clock that the limit watches runs meanwhile."""
        memory, device_memory = timing.Memory(), timing.DeviceMemory()
        if self._cell.device == "gpu":
            device_memory.reset()
        kernel = [timing.kernel()] if self._warm else []
        self._measured("solve", baseline_bytes=memory.reset(), kernel_s=kernel, cores=held())
        self._phase("fit")
        self._clock(True)
        fit = obtain(
            self._cell,
            OffTheClock(dataset, self._clock),
            solver,
            problem,
            Path(self._job["results"]) / "fits",
            self._report,
            "stale" if self._job.get("refit", False) else "never",
        )
        self._tell_fit(fit, solver)
        self._phase("solve")

        def call() -> Solution:
            return timing.wait(require_solution(fit.propagator(problem.ensemble, problem.query)))

        solution, cold = timing.timed(call)
        self._measured("solve", cold_s=cold)
        require_small(solution, self._job["limits"]["output_bytes"])
        at_home, seconds = timing.timed(lambda: timing.home(solution))
        self._clock(False)
        homes = [seconds]
        self._measured("solve", home_s=homes, peak_bytes=memory.peak(), cases=_cases(problem, at_home))
        check_solution(at_home, problem, problem.ensemble)
        del solution
        if self._warm is not None:
            self._clock(True)
            samples = self._warm_calls(call, homes)
            self._clock(False)
            kernel.append(timing.kernel())
            self._measured("solve", **samples, home_s=homes, kernel_s=kernel)
        on_device = device_memory.peak() if self._cell.device == "gpu" else None
        self._measured("solve", peak_bytes=memory.peak(), device_peak_bytes=on_device)
        return at_home

    def _warm_calls(self, call: Callable[[], Solution], homes: list[float]) -> dict[str, Any]:
        assert self._warm is not None
        samples: list[float] = []
        before = timing.device_energy() if self._cell.device == "gpu" else None
        begun = time.perf_counter()
        while self._warm.another(samples, time.perf_counter() - begun, self._left()):
            solution, seconds = timing.timed(call)
            samples.append(seconds)
            homes.append(timing.timed(lambda made=solution: timing.home(made))[1])
            del solution
        after = timing.device_energy() if before is not None else None
        return {"warm_s": samples, "energy_j": None if before is None or after is None else after - before}

    def _tell_fit(self, fit: Obtained, solver: Solver) -> None:
        record = fit.record
        ours = record is not None and (Path(self._job["results"]) / "fits" / record.file).is_file()
        self._measured(
            "fit",
            code=record.code if record else None,
            id=record.fit if record else None,
            amortised=solver.amortised,
            data_s=fit.data_seconds,
            fit_s=fit.seconds,
            hardware=(record.hardware if record else hardware())["id"],
            file=f"{'fits' if ours else 'kineticbench/fits'}/{record.file}" if record else None,
            restored=fit.restored,
        )

    def _keep(self, solution: Solution, problem: Problem) -> None:
        chosen, kept = solution_file.select(solution, self._job["solution_bytes"])
        if chosen is None:
            self._measured("solution", file=None, sha256=None, kept="none")
            return
        name = f"solutions/{self._cell.id}.{self._job['run']}.h5"
        path = Path(self._job["results"]) / name
        try:
            write_atomically(path, lambda scratch: solution_file.write(scratch, chosen, problem.query))
        except CannotWrite as error:
            self._no_room(error)
            self._measured("solution", file=None, sha256=None, kept="none")
            return
        self._measured("solution", file=name, sha256=sha256(path), kept=kept)

    def _no_room(self, error: CannotWrite) -> None:
        self._send({"event": "measured", "part": "storage_error", "values": {"text": str(error)}})

    def _measured(self, part: str, **values: Any) -> None:
        self._send({"event": "measured", "part": part, "values": values})

    def _phase(self, name: str) -> None:
        self._send({"event": "phase", "phase": name})

    def _clock(self, running: bool) -> None:
        now = time.perf_counter()
        if self._since is not None:
            self._ran += now - self._since
        self._since = now if running else None
        self._send({"event": "clock", "running": running})

    def _left(self) -> float:
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._job["limits"]["seconds"] - self._ran - running

    def _report(self, done: int, total: int, figures: Mapping[str, float]) -> None:
        now = time.monotonic()
        if now - self._told > _PROGRESS_SECONDS:
            self._told = now
            self._send({"event": "progress", "done": done, "total": total, "figures": dict(figures)})


def seed_everything(cell: Cell) -> None:
    """Seed the global generators, so that a solver that draws from them answers the same in any worker."""
    seed = int(cell.id[:8], 16)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (the one that a solver may draw from unasked)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def require_supported(solver: Solver, problem: Problem) -> None:
    """Raise `Unsupported` with the reason where a solver cannot solve a problem."""
    if problem.equation.name not in solver.solves:
        raise Unsupported(f"It solves {' and '.join(solver.solves)}, and this is {problem.equation.name}.")
    reason = solver.unsupported(problem)
    if reason is not None:
        raise Unsupported(reason)


def start(solver: Solver, problem: Problem, seed: int) -> Ensemble | None:
    """The particles that a solver is given: the problem's own, or those it wants drawn from the initial density."""
    if problem.ensemble is not None or solver.start is None:
        return problem.ensemble
    if problem.initial_density is None:
        raise Unsupported("It wants particles drawn from an initial density, and the problem has none.")
    return problem.initial_density.sample(solver.start, getattr(solver, "particles"), seed)  # noqa: B009


def check_sum(ensemble: Ensemble | None) -> int:
    """A check sum of positions, velocities and weights."""
    total = 0
    for array in () if ensemble is None else (ensemble.positions, ensemble.velocities, ensemble.weights):
        if array is not None:
            distinct = np.ascontiguousarray(array if any(array.strides) else array[:1, :1])
            total = zlib.crc32(distinct.data, total)
    return total


def _cases(problem: Problem, solution: Solution) -> int | None:
    if problem.ensemble is not None:
        return problem.ensemble.cases
    if solution.series:
        return next(iter(solution.series.values())).shape[0]
    return None if solution.density is None else solution.density.shape[1]
