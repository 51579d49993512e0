"""A dataset that is installed, solvers of every honesty, and their records."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kineticbench.engine import suite as suites
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan
from kineticbench.engine.run import run
from kineticbench.results.store import Store
from kineticbench.submissions.gather import gather

DATASET = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import Dataset, Ensemble, Problem, Query, Reference, Trajectory, VlasovPoisson


@dataclass(frozen=True)
class FreeFlight(Dataset):
    """Particles that do not feel each other: dq/dt = p; another seed draws others."""

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = ("w1_momentum",)
    cite: ClassVar[str] = "@misc{free}"
    particles: int = 8

    def problem(self, split="test", cases=None, seed=0):
        random = np.random.default_rng(seed)
        q = random.uniform(0, 10, (70, self.particles, 1))
        p = random.normal(size=(70, self.particles, 1))
        ensemble = Ensemble(q[:cases].copy(), p[:cases].copy())
        return Problem(VlasovPoisson(10.0, 1.0), None, ensemble, Query(np.array([0.5, 1.0])))

    def training(self, seed=0):
        return None

    def reference(self, problem):
        start = problem.ensemble
        velocities = np.stack([start.velocities] * 2)
        positions = np.stack([(start.positions + t * start.velocities) % 10.0 for t in problem.query.times])
        return Reference(trajectory=Trajectory(positions, velocities, start.weights), paired=True)
'''

SOLVER = '''
import time
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import Propagator, Solution, Solver, Trajectory


class Answer(Propagator):
    def __init__(self, shift, seed):
        self.shift, self.seed = shift, seed

    def __call__(self, ensemble, query):
        time.sleep({sleep})
        size = np.random.default_rng(self.seed).lognormal(0, 0.2, ensemble.velocities.shape)
        shift = self.shift
        {body}
        q = np.stack([(ensemble.positions + t * ensemble.velocities) % 10.0 for t in query.times])
        p = np.stack([ensemble.velocities + t * shift * size for t in query.times])
        return Solution(Trajectory(q, p, ensemble.weights))


@dataclass(frozen=True)
class Mine(Solver):
    """A solver for tests."""

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    cite: ClassVar[str] = "@misc{{mine}}"
    shift: float = 0.1
    start = None

    def unsupported(self, problem):
        return None

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        return Answer(self.shift, seed)
'''
LEARNER = '''
import time
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from safetensors.numpy import load_file, save_file
from kineticbench.contracts import Solution, TrainedPropagator, TrainedSolver, Trajectory


class Learned(TrainedPropagator):
    def __init__(self, shift):
        self.shift = shift

    def __call__(self, ensemble, query):
        q = np.stack([(ensemble.positions + t * ensemble.velocities) % 10.0 for t in query.times])
        p = np.stack([ensemble.velocities + t * self.shift[0] for t in query.times])
        return Solution(Trajectory(q, p, ensemble.weights))

    def save(self, path):
        save_file({"shift": self.shift}, path)


@dataclass(frozen=True)
class Mine(TrainedSolver):
    """A solver that learns how wrong to be."""

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "learned"
    cite: ClassVar[str] = "@misc{mine}"
    shift: float = 0.1
    start = None

    def unsupported(self, problem):
        return None

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        time.sleep(0.2)
        return Learned(self.shift * np.exp(0.1 * np.random.default_rng(seed).standard_normal(1)))

    def restore(self, path, problem, device="cpu", precision="float64"):
        return Learned(load_file(path)["shift"])
'''
LIMITS = {"seconds": 100, "bytes": 2_000_000_000, "setup_seconds": 100}


class Desk:
    """Writes solvers, runs them as their authors would, and changes what they send in."""

    def __init__(self, folder: Path):
        self.folder = folder

    @contextmanager
    def open(self) -> Iterator[None]:
        """While it is open the dataset is installed."""
        place = str(self.folder / "installed")
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(place)
            patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [place, os.environ.get("PYTHONPATH", "")])))
            yield

    def sent(self, name: str, body: str = "pass", seeds: tuple[int, ...] = (0,), source: str = "") -> Path:
        """A submission of a solver whose call does something more, or of any other source."""
        home = self.folder / name
        home.mkdir()
        solver = home / "mine.py"
        solver.write_text(source or SOLVER.format(body=body, sleep=0.02))
        entries = {"dataset": [{"name": "free_flight"}], "solver": [{"name": str(solver)}]}
        timing = {"calls": 5, "seconds": 0.1, "longest": 0.1}
        suite = suites.parse({**entries, "seeds": list(seeds), "limits": LIMITS, "timing": timing}, "test")
        store = Store(home / "results")
        planned = jobs(plan(suite), suite, store.folder)
        assert [record.state for record in run(planned, store, Local(), lambda *_: None)] == ["ok"] * len(seeds)
        gather(solver, store.folder, home / "sent")
        return home / "sent"

    def changed(self, submission: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
        """A copy with every record changed."""
        copy = self.folder / name
        shutil.copytree(submission, copy)
        for path in (copy / "leaderboard" / "records").glob("*.json"):
            record = json.loads(path.read_text())
            change(record)
            path.write_text(json.dumps(record))
        return copy


def install(folder: Path) -> None:
    """What an installed package with one dataset leaves."""
    (folder / "free_flight.py").write_text(DATASET)
    about = folder / "free_flight-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: free-flight\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[kineticbench.datasets]\nfree_flight = free_flight:FreeFlight\n")


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk for all tests."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "installed").mkdir()
    install(folder / "installed")
    return Desk(folder)


@pytest.fixture(scope="module", autouse=True)
def _installed(desk: Desk) -> Iterator[None]:
    """The dataset is there for the tests of this folder and for their workers, and for nobody else."""
    with desk.open():
        yield


@pytest.fixture(scope="session")
def honest(desk: Desk) -> Path:
    """An honest submission."""
    with desk.open():
        return desk.sent("honest", seeds=(0, 1))


@pytest.fixture
def learner() -> str:
    """The source of a solver that is trained."""
    return LEARNER
