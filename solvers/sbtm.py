"""SBTM: particles that flow along the Landau velocity of a score learned on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Quiet,
    Random,
    Solution,
    Solver,
    Start,
    TrainingSet,
    Trajectory,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.jax_scope import scope


@dataclass(frozen=True)
class SBTM(Solver):
    """Score-based transport modelling of the homogeneous Landau equation (Ilin, Hu & Wang 2024; Huang & Wang 2025).

        dv_i/dt = −Σ_j w_j A(v_i − v_j)(s_θ(v_i) − s_θ(v_j)),    θ ← argmin Σ_i w_i (|s_θ|² + 2 ∇·s_θ)(v_i)

    A network is fitted to the score ∇ log f₀ once; then every forward Euler step is followed by so many updates of it
    at the new particles, from where it was. The density goes along: f(t, v(t)) = f₀/det, d ln det/dt = ∇·U. Expect mass
    and momentum to be kept to rounding, energy to O(dt), and the score to be right to 3 to 15 %. The loss of many
    updates on few particles falls below its true minimum, minus the Fisher information, as the network learns the
    particles by heart; the diagnostic "loss" shows it.

    The defaults are the network and particle number of Huang & Wang, tuned further on BKW in 2D (against its truth):
    particles start quiet, so that there is less noise to learn by heart, and ten updates a step by Adam follow the
    score more closely than fifty by Adamax. Their settings: loading "random", optimiser "adamax", iterations 50, and in
    full also batch 1280 and fit_rate 1e-3, fit_decay off, fit_batch 0; here the collision sum runs over all pairs
    (exactly, by moments, for Maxwell molecules), which is cheaper and has no noise. Settings of Ilin, Hu & Wang:
    loading "random", width 100, activation "softsign", loss "denoising", alpha 0.4, rate 4e-4, iterations 25. The
    network works in thermal units of the start, so that one setting serves plasmas of any temperature.

    Parameters
    ----------
    particles
        N.
    loading
        How to draw them: "random", "quiet", or "mesh" (cell centres, with weights).
    half_width
        Half the width of that mesh; 0 leaves it to the density.
    width, layers
        Units of a hidden layer, and number of matrices of the network.
    activation
        "silu", "softsign" (both compiled on a CPU), "tanh" or "softplus".
    fit_rate, fit_decay
        Learning rate of the first fit, and whether it falls to nothing along a cosine.
    fit_batch
        Particles of one of its updates; 0 takes all.
    fit_tolerance, fit_updates
        The relative squared error at which it ends, and its most updates.
    loss
        "implicit" (score matching with the exact trace), "hutchinson" (with a random one) or "denoising".
    alpha
        Size of the noise of the denoising loss, in thermal speeds.
    probes
        Random directions of Hutchinson's trace.
    optimiser
        "adamax" or "adam", of the fit and of the steps.
    iterations, rate
        Updates for each step, and their learning rate; a longer step needs as many more, or the score falls behind.
    keep_moments
        Whether the optimiser keeps its moments from step to step.
    dt
        Time step.
    batch
        Size of the random groups in which particles collide; 0 lets all collide with all.
    restoring
        Whether momentum and energy are put back to their first values after every step.
    """

    particles: int = 25_600
    loading: Literal["random", "quiet", "mesh"] = "quiet"
    half_width: float = 0.0
    width: int = 32
    layers: int = 5
    activation: Literal["silu", "softsign", "tanh", "softplus"] = "silu"
    fit_rate: float = 1e-2
    fit_decay: bool = True
    fit_batch: int = 2_048
    fit_tolerance: float = 1e-4
    fit_updates: int = 8_000
    loss: Literal["implicit", "hutchinson", "denoising"] = "implicit"
    alpha: float = 0.4
    probes: int = 1
    optimiser: Literal["adamax", "adam"] = "adam"
    iterations: int = 10
    rate: float = 5e-4
    keep_moments: bool = True
    dt: float = 0.01
    batch: int = 0
    restoring: bool = False

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "learned"
    query_fields: ClassVar[tuple[str, ...]] = (
        "loss",
        "alpha",
        "probes",
        "iterations",
        "rate",
        "keep_moments",
        "dt",
        "batch",
        "restoring",
    )
    cite: ClassVar[str] = """
    @article{HuangWang2025,
      author = {Huang, Yan and Wang, Li},
      title = {A score-based particle method for homogeneous {Landau} equation},
      year = {2025},
      eprint = {2405.05187},
      archivePrefix = {arXiv},
      primaryClass = {math.NA}
    }
    @misc{IlinHuWang2024,
      author = {Ilin, Vasily and Hu, Jingwei and Wang, Zhenfu},
      title = {Transport based particle methods for the {Fokker--Planck--Landau} equation},
      year = {2024},
      eprint = {2405.10392},
      archivePrefix = {arXiv},
      primaryClass = {math.NA}
    }
    """

    def __post_init__(self) -> None:
        for name in ("particles", "width", "layers", "fit_updates", "probes"):
            require_positive(name, getattr(self, name), whole=True)
        for name in ("fit_rate", "fit_tolerance", "alpha", "rate", "dt"):
            require_positive(name, getattr(self, name))
        for name in ("half_width", "iterations", "batch", "fit_batch"):
            if getattr(self, name):
                require_positive(name, getattr(self, name), whole=name != "half_width")
        for name, known in (
            ("loading", ("random", "quiet", "mesh")),
            ("loss", ("implicit", "hutchinson", "denoising")),
            ("activation", ("silu", "softsign", "tanh", "softplus")),
            ("optimiser", ("adamax", "adam")),
        ):
            if getattr(self, name) not in known:
                raise InvalidInput(f"{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}.")
        if self.layers < 2 or self.batch == 1:
            raise InvalidInput("layers must be at least 2, and batch 0 or at least 2.")

    @property
    def start(self) -> Start:
        """What `loading` says."""
        return {"random": Random(), "quiet": Quiet(), "mesh": Mesh(self.half_width)}[self.loading]

    def unsupported(self, problem: Problem) -> str | None:
        """It needs the density at the start, whose score it fits, and times at which particles are wanted."""
        if not isinstance(problem.equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {problem.equation.name}"
        if problem.initial_density is None:
            return "it learns the score of the initial density first, which this problem does not have"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """From few particles, steps and updates to many of each; a random trace beyond 3 dimensions."""
        span, d = problem.query.final_time or 1.0, problem.equation.velocity_dimension
        loss = self.loss if d <= 3 else "hutchinson"
        rungs = ((1_600, 20, 10, 1_000), (6_400, 50, 10, 3_000), (25_600, 50, 10, 8_000), (25_600, 100, 10, 8_000))
        return [
            replace(self, particles=n, dt=span / steps, iterations=updates, fit_updates=fit, loss=loss)
            for n, steps, updates, fit in rungs
        ]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Fit the network to the score of the initial density, at particles of its own, for each case.

        Raises
        ------
        Unsupported
            Where `unsupported` says so.
        InvalidInput
            For a device that is not there, and particles that have no score.
        Diverged
            Where the fit's loss is not finite.
        """
        from kineticbench.numerics.score_matching_training import Fit
        from kineticbench.numerics.score_transport_start import fitted

        reason = self.unsupported(problem)
        if reason:
            raise Unsupported(f"sbtm cannot solve this problem: {reason}.")
        assert problem.initial_density is not None
        with scope(device, precision):
            trainer = self._trainer(problem.equation.velocity_dimension, device, precision)
            drawn = problem.initial_density.sample(self.start, self.particles, seed + 1)
            how = Fit(self.fit_rate, self.fit_decay, self.fit_batch, self.fit_tolerance, self.fit_updates)
            starts = fitted(trainer, problem.initial_density, drawn, how, seed, progress)
        return _Transport(self, problem, starts, seed, device, precision)

    def _trainer(self, dimension: int, device: Device, precision: Precision) -> Any:
        from kineticbench.numerics.score_matching_training import Trainer
        from kineticbench.numerics.score_networks import Architecture

        architecture = Architecture(dimension, self.width, self.layers, self.activation)
        return Trainer(architecture, self.optimiser, device, precision)


@dataclass(frozen=True)
class _Transport(Propagator):
    solver: SBTM
    problem: Problem
    starts: list[Any]
    seed: int
    device: Device
    precision: Precision

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Transport every case, each with a network of its own that begins as the fitted one.

        Raises
        ------
        InvalidInput
            Without particles, and for particles that have no score (fewer than two, or of one velocity).
        Diverged
            Where a particle or the loss is lost.
        """
        from kineticbench.numerics.score_transport import March, Matching, Scale, Stepping
        from kineticbench.numerics.score_transport_record import record

        solver, equation, density = self.solver, self.problem.equation, self.problem.initial_density
        if ensemble is None:
            raise InvalidInput("sbtm moves particles, and was given none.", "Sample the initial density.")
        assert isinstance(equation, HomogeneousLandau)
        assert density is not None
        begin = ensemble.astype(self.precision)
        matching = Matching(
            solver.loss, solver.alpha, solver.probes, solver.iterations, solver.rate, solver.keep_moments
        )
        stepping = Stepping(solver.dt, solver.batch, solver.restoring, carry=True)
        with scope(self.device, self.precision):
            trainer = solver._trainer(equation.dimension, self.device, self.precision)
            runs = []
            for case, (v, w) in enumerate(zip(begin.velocities, begin.weights, strict=True)):
                fit = self.starts[case % len(self.starts)]
                Scale.of(v, w)  # refuses particles that have no score
                march = March(equation, trainer, fit.scale, matching, stepping, np.array(w), (self.seed, case))
                first = density.density(v.astype(np.float64))
                runs.append(record(march, v, first[case % len(first)], fit.theta, query))

        def stacked(name: str, axis: int = 1) -> Any:
            parts = [getattr(run, name) for run in runs]
            return None if parts[0] is None else np.stack(parts, axis)

        series = {name: np.stack([run.series[name] for run in runs]) for name in runs[0].series}
        curves = {"loss": stacked("loss", 0), "initial_error": np.array([fit.curve[-1] for fit in self.starts])}
        return Solution(
            Trajectory(None, stacked("velocities"), begin.weights),
            score=stacked("score"),
            point_score=stacked("point_score"),
            particle_density=stacked("density"),
            series=series,
            diagnostics=curves,
        )
