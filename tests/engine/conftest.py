"""A tiny dataset and solvers of every behaviour, written as plug-in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench import catalog
from kineticbench.engine import suite as suites
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan
from kineticbench.engine.run import run
from kineticbench.results.record import Record
from kineticbench.results.store import Store

DATASET = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import Dataset, Ensemble, Problem, Query, Reference, Trajectory, VlasovPoisson


@dataclass(frozen=True)
class Free(Dataset):
    """Particles that hardly feel each other: dq/dt = p."""

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = ("w1_momentum", "growth_rate")
    cite: ClassVar[str] = "@misc{free}"
    particles: int = 8

    def problem(self, split="test", cases=None, seed=0):
        random = np.random.default_rng(seed)
        q = random.uniform(0, 10, (70, self.particles, 1))
        p = random.normal(size=(70, self.particles, 1))
        ensemble = Ensemble(q[:cases].copy(), p[:cases].copy())
        return Problem(VlasovPoisson(10.0, 1.0), None, ensemble, Query(np.array([0.0, 1.0])))

    def training(self, seed=0):
        return None

    def reference(self, problem):
        start = problem.ensemble
        velocities = np.stack([start.velocities, start.velocities])
        positions = np.stack([start.positions, (start.positions + start.velocities) % 10.0])
        return Reference(trajectory=Trajectory(positions, velocities, start.weights), paired=True)
'''

SOLVER = '''
import ctypes, os, signal, subprocess, sys, time
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import *

{top}

class Answer(Propagator):
    def __init__(self, solver, seed):
        self.solver, self.seed, self.calls = solver, seed, 0

    def __call__(self, ensemble, query):
        self.calls += 1
        q = np.stack([(ensemble.positions + t * ensemble.velocities) % 10.0 for t in query.times])
        p = np.stack([ensemble.velocities + self.solver.shift for _ in query.times])
        weights, diagnostics = ensemble.weights, {{"calls": np.array([self.calls])}}
        {body}
        return Solution(Trajectory(q, p, weights), diagnostics=diagnostics)


@dataclass(frozen=True)
class {name}(Solver):
    """A solver for tests."""

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    cite: ClassVar[str] = "@misc{{tiny}}"
    shift: float = 0.0
    steps: int = 1
    start = None

    def unsupported(self, problem):
        {unsupported}

    def ladder(self, problem):
        {ladder}

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        {fit}
        return Answer(self, seed)
'''

LADDER = "return [type(self)(shift=s) for s in (0.5, 0.25)]"


class Lab:
    """Writes plug-ins into a folder and runs them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.store = Store(folder / "results")
        self.dataset = folder / "free.py"
        self.dataset.write_text(DATASET)

    def solver(
        self,
        name: str,
        body: str = "",
        top: str = "",
        fit: str = "",
        unsupported: str = "return None",
        ladder: str = LADDER,
    ) -> str:
        """A solver whose call does something more; returns its path."""
        path = self.folder / f"{name}.py"
        parts = {"body": body or "pass", "top": top, "fit": fit or "pass"}
        path.write_text(
            SOLVER.format(name=name.title().replace("_", ""), unsupported=unsupported, ladder=ladder, **parts)
        )
        return str(path)

    def suite(self, *solvers: str | dict, **settings) -> suites.Suite:
        """A suite of solvers (paths or entries) on the tiny dataset, quick unless said otherwise."""
        entries = [entry if isinstance(entry, dict) else {"name": entry} for entry in solvers]
        settings = {"limits": {"seconds": 20, "bytes": 2_000_000_000, "setup_seconds": 60}, "timing": False} | settings
        return suites.parse({"dataset": [{"name": str(self.dataset)}], "solver": entries, **settings}, "test")

    def run(self, *solvers: str | dict, lanes: int = 1, **settings) -> dict[str, Record]:
        """Run solvers; their records by name."""
        suite = self.suite(*solvers, **settings)
        planned = jobs(plan(suite), suite, self.store.folder)
        made = run(planned, self.store, Local(lanes), lambda _job, _message: None)
        return {record.settings.solver.name: record for record in made}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def listed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny dataset is known by its name, as an installed one is, and not by its file alone."""
    known = catalog.find
    monkeypatch.setattr(catalog, "find", lambda kind, name: known(kind, str(lab.dataset) if name == "free" else name))
