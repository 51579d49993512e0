"""The Gaussian ensemble of charged particles, and harder members of its family."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kineticbench.contracts import (
    Dataset,
    Ensemble,
    InvalidInput,
    Problem,
    Query,
    Reference,
    TrainingSet,
    Trajectory,
    UnknownName,
    VlasovPoisson,
    require_positive,
    whole_steps,
)

if TYPE_CHECKING:
    from kineticbench.numerics.streams import Cases

VERSION = 2  # of what is computed below; a change makes every cached truth anew
SPLITS = {"train": (0, 20_000), "validation": (20_000, 6_384), "test": (26_384, 6_384)}  # first case, cases
TOTAL = 32_768
GENERATORS = ("sheets", "leapfrog", "published")
STARTS = ("gaussian", "multimode")
MEASURED = 256  # cases on which the distance of a scheme from the equation is measured


@dataclass(frozen=True)
class GaussianEnsemble(Dataset):
    """Gaussian ensemble: clouds of charged particles that blow apart, one-dimensional Vlasov–Poisson.

        q_i(0) ~ N(L/2, σ_q²),    p_i(0) ~ N(0, σ_p²),    σ_q, σ_p ~ U(sigma) for each case;    Q = c_p N

    32 768 cases of one stream: 20 000 to train on, 6 384 to validate, 6 384 to test. Solver and truth start from the
    same particles. With the defaults, the paper's, ω_p T = 0.45: the cloud expands and no plasma oscillation completes.
    Harder members: `steps` 280 to 840 for ω_p T = 5 to 15; `start` "multimode"; `particles`; `test_sigma` outside
    `sigma`.

    Parameters
    ----------
    generator
        What makes the truth. "sheets": the exact motion of the N particles, crossing by crossing. "leapfrog": the
        scheme that the paper describes, particle-in-cell with `cells` and kick-drift-kick steps of `dt`. "published":
        the authors' public generator, half a kick and then a drift and half a kick a step. The last two reproduce the
        paper and are schemes, not the equation.
    particles
        N.
    length
        L.
    charge_per_particle
        c_p; ω_p² = c_p N / L.
    sigma
        Ends of the uniform law of σ_q and σ_p.
    test_sigma
        The same for the split "test", where it is to differ from what is learned from; None: as `sigma`.
    dt
        Step of the generators "leapfrog" and "published", and the unit of the final time.
    steps
        The final time is T = steps · dt.
    final_time
        T again, only to be checked; None: not checked.
    snapshots
        How many equal parts the snapshots divide T into; each must be whole steps.
    cells
        Cells of the generators "leapfrog" and "published".
    start
        "gaussian", or "multimode": the box filled with 1 + Σ_m a_m cos(2πmq/L + θ_m), a_m ~ U(0, amplitude / modes).
    modes, amplitude
        Of the start "multimode".
    """

    generator: str = "sheets"
    particles: int = 256
    length: float = 128.0
    charge_per_particle: float = 0.1
    sigma: tuple[float, float] = (0.5, 1.5)
    test_sigma: tuple[float, float] | None = None
    dt: float = 0.04
    steps: int = 25
    final_time: float | None = None
    snapshots: int = 5
    cells: int = 128
    start: str = "gaussian"
    modes: int = 4
    amplitude: float = 0.8

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = (
        "w1_momentum",
        "w1_position",
        "w2_phase_space",
        "drift_momentum",
        "drift_energy",
        "drift_mass",
        "learned_force",
        "learned_kinetic",
    )
    cite: ClassVar[str] = """
    @misc{SouvetonTerrana2025,
      author = {Souveton, Vincent and Terrana, S{\\'e}bastien},
      title = {{Hamiltonian} Normalizing Flows as kinetic {PDE} solvers: application to the
        {1D} {Vlasov--Poisson} equations},
      year = {2025},
      eprint = {2505.04471},
      archivePrefix = {arXiv},
      primaryClass = {cs.LG}
    }
    """

    def __post_init__(self) -> None:
        for name, known in (("generator", GENERATORS), ("start", STARTS)):
            if getattr(self, name) not in known:
                raise UnknownName.among(name, getattr(self, name), known)
        for name in ("particles", "steps", "snapshots", "cells", "modes"):
            require_positive(name, getattr(self, name), whole=True)
        for name in ("length", "charge_per_particle", "dt"):
            require_positive(name, getattr(self, name))
        object.__setattr__(self, "sigma", _ends("sigma", self.sigma))
        if self.test_sigma is not None:
            object.__setattr__(self, "test_sigma", _ends("test_sigma", self.test_sigma))
        if not isinstance(self.amplitude, int | float) or not 0 <= self.amplitude < 1:
            raise InvalidInput(f"amplitude must lie in [0, 1), got {self.amplitude!r}.")
        if self.steps % self.snapshots:
            raise InvalidInput(
                f"{self.steps} steps cannot be divided into {self.snapshots} equal parts.",
                "Choose a number of steps that the number of snapshots divides.",
            )
        if self.final_time is not None:
            require_positive("final_time", self.final_time)
            if abs(self.final_time - self.steps * self.dt) > 1e-9 * self.final_time:
                raise InvalidInput(
                    f"final_time = {self.final_time:g} is not steps × dt = {self.steps} × {self.dt:g} = "
                    f"{self.steps * self.dt:g}.",
                    f"Leave final_time out, or take {self.final_time / self.dt:g} steps.",
                )

    @property
    def poses(self) -> VlasovPoisson:
        """The equation with L and Q = c_p N."""
        return VlasovPoisson(float(self.length), self.charge_per_particle * self.particles)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The first cases of a split; seed 0 is the paper's stream, `RandomState(1)`, seed s `RandomState(s + 1)`."""
        drawn = self._draw(split, cases, seed)
        times = np.arange(self.snapshots + 1) * (self.steps // self.snapshots) * self.dt
        return Problem(self.poses, drawn.density, drawn.ensemble, Query(times))

    def training(self, seed: int = 0) -> TrainingSet:
        """All 20 000 cases to train on, at 0 and T, from the cache or made now."""
        from kineticbench.engine.environment import hardware
        from kineticbench.numerics.cache import cached

        times = np.array([0.0, self.steps * self.dt])

        def make() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
            drawn = self._draw("train", None, seed)
            positions, momenta = self._simulate(drawn.ensemble, times)
            return {"positions": positions, "momenta": momenta, **drawn.conditions}, {}

        ignored = ("final_time", "snapshots", "test_sigma")
        parameters = {name: value for name, value in asdict(self).items() if name not in ignored}
        key = {"version": VERSION, "seed": seed, "parameters": parameters}
        entry = cached("gaussian_ensemble-training", key, make, hardware()["id"], prepare=self._warm_up)
        conditions = dict(entry.arrays)
        positions, momenta = conditions.pop("positions"), conditions.pop("momenta")
        weights = np.broadcast_to(1 / self.particles, positions.shape[1:])
        states = Trajectory(positions[..., None], momenta[..., None], weights)
        return TrainingSet(times, states, conditions, entry.seconds, entry.hardware)

    def reference(self, problem: Problem) -> Reference:
        """The truth for the problem's own particles and times, from the cache or made now."""
        from kineticbench.numerics.cache import cached

        ensemble, times = problem.ensemble, problem.query.times
        if ensemble is None or ensemble.positions is None or problem.equation != self.poses:
            raise InvalidInput("The truth is asked of a problem of another dataset.", "Take one from problem().")
        scheme = {} if self.generator == "sheets" else {"cells": self.cells, "dt": self.dt}
        content = (ensemble.positions, ensemble.velocities, ensemble.weights, times)
        key = {
            "version": VERSION,
            "parameters": {"generator": self.generator, **asdict(self.poses), **scheme},
            "content": [hashlib.sha256(np.ascontiguousarray(array)).hexdigest() for array in content],
        }
        entry = cached("gaussian_ensemble-truth", key, lambda: self._truth(ensemble.astype("float64"), times))
        positions, momenta = entry.arrays["positions"], entry.arrays["momenta"]
        return Reference(
            Trajectory(positions[..., None], momenta[..., None], ensemble.weights),
            bars={name: np.array(bar) for name, bar in entry.notes["bars"].items()},
            paired=True,
            provenance=entry.notes["provenance"],
        )

    def _draw(self, split: str, cases: int | None, seed: int) -> Cases:
        from kineticbench.numerics.streams import Stream

        if split not in SPLITS:
            raise UnknownName.among("split", split, SPLITS)
        first, size = SPLITS[split]
        cases = size if cases is None else cases
        require_positive("cases", cases, whole=True)
        if cases > size:
            raise InvalidInput(f"The split {split!r} has {size} cases, {cases} were asked for.", "Ask for fewer.")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32 - 1:
            raise InvalidInput(f"seed must be an integer from 0 to 2³² − 2, got {seed!r}.")
        sigma = self.test_sigma if split == "test" and self.test_sigma is not None else self.sigma
        stream = Stream(seed + 1, TOTAL, self.particles, self.length)
        if self.start == "multimode":
            return stream.multimode(first, cases, sigma, self.modes, self.amplitude)
        return stream.gaussian(first, cases, sigma)

    def _simulate(self, ensemble: Ensemble, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and momenta (time, case, particle) by the generator."""
        from kineticbench.numerics import pic, sheets

        assert ensemble.positions is not None
        q, p, w, poses = ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights, self.poses
        if self.generator == "sheets":
            march = sheets.exact(q, p, w, length=poses.length, charge=poses.charge, times=times)
            return march.positions, march.momenta
        return pic.trajectories(
            *(q, p),
            length=poses.length,
            cells=self.cells,
            charge=poses.charge,
            dt=self.dt,
            stops=[whole_steps(float(time), self.dt) for time in times],
            scheme="leapfrog" if self.generator == "leapfrog" else "published",
            weights=None if ensemble.equal_weights else w,
        )

    def _truth(self, ensemble: Ensemble, times: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Arrays and notes of a truth."""
        from kineticbench.numerics.sheet_truth import distance_from_truth, sheet_truth

        if self.generator == "sheets":
            truth = sheet_truth(ensemble, self.poses, times)
            provenance = (
                f"Exact motion of the {ensemble.particles} sheets, crossing by crossing. Mirrored and shifted it comes "
                f"out the same to {truth.rounding[0]:.1g} / {truth.rounding[1]:.1g} (positions / momenta at the last "
                f"time); a crossing-corrected leapfrog agrees to {truth.second[0]:.1g} / {truth.second[1]:.1g}."
            )
            arrays = {"positions": truth.march.positions, "momenta": truth.march.momenta}
            return arrays, {"bars": {name: bar.tolist() for name, bar in truth.bars.items()}, "provenance": provenance}
        positions, momenta = self._simulate(ensemble, times)
        few = slice(MEASURED)
        away = distance_from_truth(positions[-1, few], momenta[-1, few], ensemble.take(few), self.poses, times[-1])
        provenance = (
            f"A scheme, not the equation: the paper's particle-in-cell generator '{self.generator}', {self.cells} "
            f"cells and dt = {self.dt:g}. At the last time it lies W1 = {away[0]:.3g} / {away[1]:.3g} (positions / "
            f"momenta) from the exact motion, measured on {min(MEASURED, ensemble.cases)} cases."
        )
        return {"positions": positions, "momenta": momenta}, {"bars": {}, "provenance": provenance}

    def _warm_up(self) -> None:
        """Compile the loops, which is no part of what the data cost."""
        self._simulate(self._draw("train", 1, 0).ensemble, np.array([0.0, self.dt]))


def _ends(name: str, ends: Any) -> tuple[float, float]:
    """A pair 0 < low ≤ high, from a tuple or a list."""
    if not isinstance(ends, tuple | list) or len(ends) != 2:
        raise InvalidInput(f"{name} must be a pair (low, high), got {ends!r}.")
    for end in ends:
        require_positive(name, end)
    low, high = ends
    if low > high:
        raise InvalidInput(f"{name} must be (low, high) with low ≤ high, got {ends!r}.")
    return float(low), float(high)
