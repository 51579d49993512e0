"""Training of a score network: the fastest gradient there is for it, an optimiser that keeps its moments, a fit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from ..contracts import Device, Diverged, InvalidInput, Precision, Progress, Silent
from . import score_matching, score_matching_compiled
from .score_matching import Form
from .score_networks import Architecture

OPTIMISERS = {"adam": optax.adam, "adamax": optax.adamax}
CHECKPOINT_SECONDS = 5.0
REPORT_EVERY = 100


class Weights(NamedTuple):
    """Parameters (size,) and the state of their optimiser."""

    theta: Any
    moments: Any


@dataclass(frozen=True)
class Trainer:
    """Makes updates of a network's parameters.

    Parameters
    ----------
    architecture
        The network.
    optimiser
        "adam" or "adamax".
    device, precision
        Where and how precisely; on a CPU networks with a known activation use the compiled gradient.
    """

    architecture: Architecture
    optimiser: str
    device: Device
    precision: Precision

    def __post_init__(self) -> None:
        if self.optimiser not in OPTIMISERS:
            raise InvalidInput(f"optimiser must be one of {', '.join(OPTIMISERS)}, got {self.optimiser!r}.")

    @property
    def compiled(self) -> bool:
        """Whether the compiled gradient serves."""
        return self.device == "cpu" and score_matching_compiled.supported(self.architecture)

    @cached_property
    def _kernel(self) -> score_matching_compiled.Kernel:
        return score_matching_compiled.Kernel(self.architecture, np.dtype(self.precision))

    def begin(self, theta: Any) -> Weights:
        """With an optimiser that has seen nothing."""
        theta = jax.numpy.asarray(theta, self.precision)
        return Weights(theta, OPTIMISERS[self.optimiser](1.0).init(theta))

    def gradient(self, theta: Any, form: Form) -> tuple[Any, Any]:
        """L and ∂L/∂θ of a form that `prepared` returned."""
        if self.compiled:
            return self._kernel(np.asarray(theta), form)
        return score_matching.value_and_gradient(self.architecture, theta, form)

    def prepared(self, form: Form) -> Form:
        """A form as `gradient` takes it."""
        if self.compiled:
            return score_matching_compiled.padded(form)
        return Form(*(jax.numpy.asarray(part) for part in form))

    def train(
        self, weights: Weights, form: Callable[[int], Form], iterations: int, rate: float
    ) -> tuple[Weights, np.ndarray]:
        """`iterations` updates with the form of each, and the losses (iterations,) before them.

        A function that returns one and the same object every time has it prepared once.

        Raises
        ------
        Diverged
            Where a loss is not finite.
        """
        losses: list[Any] = []
        given, ready = None, None
        for iteration in range(iterations):
            fresh = form(iteration)
            if fresh is not given:
                given, ready = fresh, self.prepared(fresh)
            assert ready is not None
            value, slope = self.gradient(weights.theta, ready)
            weights = _update(self.optimiser, weights, slope, rate)
            losses.append(value)
        found = np.array([float(value) for value in losses])
        if not np.isfinite(found).all() or not np.isfinite(np.asarray(weights.theta)).all():
            raise Diverged("The score-matching loss is not finite.", f"Take a smaller rate than {rate:g}, or float64.")
        return weights, found


@partial(jax.jit, static_argnums=0)
def _update(optimiser: str, weights: Weights, slope: Any, rate: Any) -> Weights:
    step, moments = OPTIMISERS[optimiser](1.0).update(slope, weights.moments)
    return Weights(weights.theta + (rate * step).astype(weights.theta.dtype), moments)


@dataclass(frozen=True)
class Fit:
    """How a known score is fitted.

    Parameters
    ----------
    rate, decay
        Learning rate, and whether it falls to nothing along a cosine over `updates` updates.
    batch
        Particles of an update, drawn by weight; 0 takes all.
    tolerance, updates
        The relative squared error Σ w|s − t|² / Σ w|t|² at which it ends, and its most updates.
    """

    rate: float
    decay: bool
    batch: int
    tolerance: float
    updates: int

    def rate_at(self, done: int) -> float:
        """The learning rate after so many updates."""
        return self.rate * 0.5 * (1 + math.cos(math.pi * done / self.updates)) if self.decay else self.rate


def regress(
    trainer: Trainer,
    theta: np.ndarray,
    samples: tuple[np.ndarray, np.ndarray, np.ndarray],
    fit: Fit,
    seed: int,
    progress: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a known score.

    Parameters
    ----------
    trainer, theta
        What trains, and the parameters to start from.
    samples
        Points (N, d), weights (N,) and the score there (N, d).
    fit
        How.
    seed
        Of the batches.
    progress
        Told the relative error every 100 updates; keeps checkpoints from which the fit goes on.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Parameters, and the curve of relative squared errors over all samples, one for each 100 updates.
    """
    progress = progress or Silent()
    x, w, target = samples
    whole, square = score_matching.explicit(x, w, target)
    ready = trainer.prepared(whole)
    cumulated = np.cumsum(w, dtype=np.float64)
    weights, curve, done = trainer.begin(theta), [], 0
    kept = progress.resume()
    leaves, structure = jax.tree.flatten(weights)
    if kept is not None:
        leaves = [jax.numpy.asarray(kept[f"leaf/{i}"], leaf.dtype).reshape(leaf.shape) for i, leaf in enumerate(leaves)]
        weights, curve, done = jax.tree.unflatten(structure, leaves), list(kept["curve"]), int(kept["done"].item())
    saved = time.perf_counter()

    def form(generator: np.random.Generator) -> Form:
        chosen = np.searchsorted(cumulated, generator.random(fit.batch) * cumulated[-1], side="right")
        return score_matching.explicit(x[chosen], np.ones(fit.batch, x.dtype), target[chosen])[0]

    while done < fit.updates and not (curve and curve[-1] <= fit.tolerance):
        count = min(REPORT_EVERY, fit.updates - done)
        generator = np.random.default_rng([seed, done])
        own = (lambda _, g=generator: form(g)) if fit.batch else (lambda _: whole)
        weights, _ = trainer.train(weights, own, count, fit.rate_at(done))
        done += count
        error = float(trainer.gradient(weights.theta, ready)[0]) + square
        curve.append(max(error, 0.0) / (square or 1.0))
        progress.report(done, fit.updates, error=math.sqrt(curve[-1]))
        if time.perf_counter() - saved > CHECKPOINT_SECONDS:
            state = {f"leaf/{i}": np.atleast_1d(np.asarray(leaf)) for i, leaf in enumerate(jax.tree.leaves(weights))}
            progress.save({**state, "curve": np.array(curve), "done": np.array([done])})
            saved = time.perf_counter()
    return np.asarray(weights.theta), np.array(curve)
