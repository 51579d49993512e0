"""Score-based transport: particles step along the Landau velocity of a network that learns their score on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from ..contracts import Diverged, HomogeneousLandau, InvalidInput
from . import score_matching
from .collision import collision_sum, random_batch_sum
from .leapfrog import stops
from .restoring import restore
from .score_matching import Form
from .score_matching_training import Trainer, Weights
from .score_networks import evaluate, evaluate_with_jacobian
from .score_transport_volume import divergence

FARTHEST = 1e3  # thermal speeds beyond which a particle counts as lost


@dataclass(frozen=True)
class Scale:
    """Units in which a network sees velocities, x = (v − mean)/speed, and in which it is of order one.

    Parameters
    ----------
    mean
        (d,).
    speed
        Root mean square of a component of v − mean.
    """

    mean: np.ndarray
    speed: float

    @classmethod
    def of(cls, v: Float[np.ndarray, "N d"], w: Float[np.ndarray, "N"]) -> Scale:
        """Those of weighted particles.

        Raises
        ------
        InvalidInput
            For particles that have no score: fewer than two, or without spread in some direction.
        """
        v64, mass = v.astype(np.float64), w.sum(dtype=np.float64)
        if not mass > 0:
            raise InvalidInput(f"The weights must sum to a positive number, got {mass:g}.")
        mean = w @ v64 / mass
        centred = v64 - mean
        covariance = (w[:, None] * centred).T @ centred / mass
        least, total = float(np.linalg.eigvalsh(covariance)[0]), float(np.trace(covariance))
        if not least > 1e-10 * total or total < 1e-24 * float(mean @ mean):
            raise InvalidInput(
                f"The {len(v)} particles have no spread in some direction, so their law has no score.",
                f"Take more than {v.shape[1]} particles of different velocities.",
            )
        return cls(mean, float(np.sqrt(total / v.shape[1])))

    def reduced(self, v: Any) -> Any:
        """Velocities in these units."""
        return ((v - self.mean.astype(v.dtype)) / v.dtype.type(self.speed)).astype(v.dtype)


@dataclass(frozen=True)
class Matching:
    """How the score is learned.

    Parameters
    ----------
    loss
        "implicit" (exact trace), "hutchinson" or "denoising".
    alpha
        Distance of the denoising loss, in thermal speeds.
    probes
        Random directions of Hutchinson's trace.
    iterations, rate
        Updates a step, and their learning rate.
    keep_moments
        Whether the optimiser keeps its moments from step to step.
    """

    loss: str
    alpha: float
    probes: int
    iterations: int
    rate: float
    keep_moments: bool

    def forms(self, x: np.ndarray, w: np.ndarray, generator: np.random.Generator) -> Any:
        """The form of each iteration: one for all where nothing is random."""
        if self.loss == "implicit":
            whole = score_matching.implicit(x, w)
            return lambda _: whole

        def fresh(_: int) -> Form:
            if self.loss == "denoising":
                return score_matching.denoising(x, w, generator.standard_normal(x.shape, x.dtype), self.alpha)
            signs = generator.integers(0, 2, (len(x), self.probes, x.shape[1]))
            return score_matching.implicit(x, w, (2 * signs - 1).astype(x.dtype))

        return fresh


@dataclass(frozen=True)
class Stepping:
    """How particles move.

    Parameters
    ----------
    dt
        Step.
    batch
        Size of random groups for the collision sum; 0 sums over all.
    restoring
        Whether momentum and energy are restored after each step.
    carry
        Whether the logarithm of the Jacobian's determinant is carried along.
    """

    dt: float
    batch: int
    restoring: bool
    carry: bool


class State(NamedTuple):
    """Particles (N, d), ln det (N,), the network at them, and the last loss."""

    v: np.ndarray
    log_det: np.ndarray
    weights: Weights
    loss: float


@dataclass(frozen=True)
class Moment:
    """What there is to know at one time; `score` and `velocity` (N, d) at the particles."""

    time: float
    state: State
    score: np.ndarray
    velocity: np.ndarray


@dataclass(frozen=True)
class March:
    """Forward Euler in v, after every step so many updates of the network at the new particles.

    Parameters
    ----------
    equation, trainer, scale, matching, stepping
        The problem and the method.
    w
        Weights of the particles (N,).
    seed
        Of everything random; step n draws from (seed, n), so that asking for more times changes no answer.
    """

    equation: HomogeneousLandau
    trainer: Trainer
    scale: Scale
    matching: Matching
    stepping: Stepping
    w: np.ndarray
    seed: tuple[int, ...]
    losses: list[float] = field(default_factory=list)

    def moments(self, v: np.ndarray, theta: np.ndarray, times: np.ndarray) -> Iterator[Moment]:
        """The march at each of the increasing `times`; a time between steps is reached by a shorter one on a copy."""
        state = State(v, np.zeros(len(v)), self.trainer.begin(theta), float("nan"))
        momentum, energy = self.w @ v.astype(np.float64), 0.5 * float(self.w @ (v.astype(np.float64) ** 2).sum(1))
        step, dt = 0, self.stepping.dt
        for time, (whole, rest) in zip(times, stops(times, dt), strict=True):
            while step < whole:
                state = self._step(state, dt, step, momentum, energy)
                self.losses.append(state.loss)
                step += 1
            here = self._step(state, rest, step, momentum, energy) if rest else state
            s, _ = self.score(here, False)
            yield Moment(float(time), here, s, self._velocity(here.v, s, step))

    def score(self, state: State, jacobian: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Score (N, d) and, if wanted, ∂s/∂v (N, d, d) at the particles of a state."""
        return self.score_at(state.weights.theta, state.v, jacobian)

    def score_at(self, theta: Any, points: np.ndarray, jacobian: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
        """As `score`, at any points."""
        architecture, speed = self.trainer.architecture, points.dtype.type(self.scale.speed)
        x = self.scale.reduced(points)
        if not jacobian:
            return np.asarray(evaluate(architecture, theta, x)) / speed, None
        s, slope = evaluate_with_jacobian(architecture, theta, x)
        return np.asarray(s) / speed, np.asarray(slope) / speed**2

    def _velocity(self, v: np.ndarray, s: np.ndarray, step: int) -> np.ndarray:
        generator: Any = np.random.default_rng([*self.seed, step, 0])
        v_, s_, w_ = self._placed(v, s, self.w)
        if self.stepping.batch == 0:
            return np.asarray(collision_sum(v_, s_, w_, self.equation))
        if self.trainer.device == "gpu":
            import jax

            generator = jax.random.key(int(generator.integers(2**31)))
        return np.asarray(random_batch_sum(v_, s_, w_, self.equation, self.stepping.batch, generator))

    def _placed(self, *arrays: Any) -> list[Any]:
        """The arrays where the sums over them are computed: as they are, or on the GPU."""
        if self.trainer.device == "cpu":
            return list(arrays)
        import jax

        return [jax.numpy.asarray(array) for array in arrays]

    def _step(self, state: State, dt: float, step: int, momentum: np.ndarray, energy: float) -> State:
        carry = self.stepping.carry
        s, jacobian = self.score(state, carry)
        v = state.v + state.v.dtype.type(dt) * self._velocity(state.v, s, step)
        log_det = state.log_det
        if carry:
            v_, s_, w_, jacobian_ = self._placed(state.v, s, self.w, jacobian)
            log_det = log_det + dt * np.asarray(divergence(v_, s_, w_, jacobian_, self.equation))
        with np.errstate(invalid="ignore", over="ignore"):
            far = float(np.abs(self.scale.reduced(v)).max())
        if not far < FARTHEST:
            raise Diverged(f"A particle reached {far:g} thermal speeds in step {step + 1}.", "Take a smaller dt.")
        if self.stepping.restoring:
            before = _spread(v, self.w)
            v = restore(v, self.w, momentum, energy)
            if before > 0:  # a scaling by λ divides f by λᵈ
                log_det = log_det + 0.5 * v.shape[1] * np.log(_spread(v, self.w) / before)
        generator = np.random.default_rng([*self.seed, step, 1])
        weights = state.weights if self.matching.keep_moments else self.trainer.begin(state.weights.theta)
        forms = self.matching.forms(self.scale.reduced(v), self.w, generator)
        weights, losses = self.trainer.train(weights, forms, self.matching.iterations, self.matching.rate)
        return State(v, log_det, weights, float(losses[-1]) if losses.size else float("nan"))


def _spread(v: np.ndarray, w: np.ndarray) -> float:
    """Σ w |v − v̄|²."""
    share = w.astype(np.float64) / w.sum(dtype=np.float64)
    return float(share @ ((v - share @ v) ** 2).sum(1))
