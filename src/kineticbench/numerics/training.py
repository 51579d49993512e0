"""Training loop that several learned plug-ins share: one schedule, checkpoints, a loss curve, and a clean end.

It knows no framework: a `Learner` makes one update of its parameters, and says and takes back what it is made of.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from ..contracts import Diverged, Progress, Silent, require_positive

CHECKPOINT_SECONDS = 5.0
CURVE_POINTS = 256
_LOOP = ("loop/step", "loop/elapsed", "loop/curve", "loop/pending")


@runtime_checkable
class Learner(Protocol):
    """Parameters together with their optimiser."""

    def update(self, step: int, rate: float) -> float:
        """Make update number `step` with learning rate `rate`, and return the loss before it."""
        ...

    def state(self) -> Mapping[str, np.ndarray]:
        """Everything that later updates depend on."""
        ...

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to what `state` returned."""
        ...


@dataclass(frozen=True)
class Plan:
    """How long to train, and how fast.

    The learning rate rises linearly to its peak and falls back along a cosine (one cycle):
    η(x) = η̂ x/w for x < w, then η̂ [ε + (1 − ε) ½(1 + cos π(x − w)/(1 − w))], where x is the part of the plan
    that is done.

    Parameters
    ----------
    updates
        Number of updates.
    rate
        η̂, the highest learning rate.
    warm_up
        w, the part of the plan in which the rate rises; 0 ≤ w < 1.
    final
        ε, the last rate in units of the highest.
    seconds
        Stop after this wall time at the latest, the schedule then running by the clock (and the result depending on
        the machine); None for no limit.
    """

    updates: int
    rate: float
    warm_up: float = 0.05
    final: float = 1e-3
    seconds: float | None = None

    def __post_init__(self) -> None:
        require_positive("updates", self.updates, whole=True)
        require_positive("rate", self.rate)

    def done(self, step: int, elapsed: float) -> float:
        """x: the part that is done after `step` updates and `elapsed` seconds."""
        return max(step / self.updates, elapsed / self.seconds if self.seconds else 0.0)

    def rate_at(self, done: float) -> float:
        """η(x); at the very start the rate of the first update instead of nothing."""
        if done < self.warm_up:
            return self.rate * max(done, 1 / self.updates) / self.warm_up
        fall = 0.5 * (1 + math.cos(math.pi * min((done - self.warm_up) / (1 - self.warm_up), 1.0)))
        return self.rate * (self.final + (1 - self.final) * fall)


def batch(cases: int, size: int, seed: int, step: int) -> Int[np.ndarray, "case"]:
    """The cases of update number `step`: every epoch a new permutation, its remainder left out.

    A function of its arguments alone, so that training goes on after a kill as if nothing had happened.
    """
    size = min(size, cases)
    epoch, place = divmod(step, cases // size)
    order = np.random.default_rng([seed, epoch]).permutation(cases)
    return order[place * size : (place + 1) * size]


def train(learner: Learner, plan: Plan, progress: Progress | None = None) -> Float[np.ndarray, "two point"]:
    """Carry out a plan, going on from the newest checkpoint of `progress` where it has one.

    Returns
    -------
    numpy.ndarray
        The loss curve: update numbers, and the mean loss since the point before.

    Raises
    ------
    Diverged
        As soon as the loss is not finite.
    """
    progress = progress or Silent()
    step, before, curve, pending = _resume(learner, progress)
    every = max(plan.updates // CURVE_POINTS, 1)
    begun = saved = time.perf_counter()
    while (done := plan.done(step, before + time.perf_counter() - begun)) < 1.0:
        rate = plan.rate_at(done)
        loss = learner.update(step, rate)
        if not math.isfinite(loss):
            raise Diverged(
                f"The loss is not finite after {step} updates.",
                f"Take a smaller learning rate than {plan.rate:g}, or precision float64.",
            )
        step += 1
        pending.append(loss)
        if len(pending) == every:
            curve.append((step, float(np.mean(pending))))
            pending.clear()
            progress.report(step, plan.updates, loss=curve[-1][1], rate=rate)
        now = time.perf_counter()
        if now - saved > CHECKPOINT_SECONDS:
            loop = (step, before + now - begun, np.reshape(curve, (-1, 2)), pending)
            own = {name: np.array(value, np.float64) for name, value in zip(_LOOP, loop, strict=True)}  # type: ignore
            progress.save({**learner.state(), **own})
            saved = now
    if pending:
        curve.append((step, float(np.mean(pending))))
        progress.report(step, step, loss=curve[-1][1], rate=0.0)
    return np.array(curve, dtype=np.float64).T


def _resume(learner: Learner, progress: Progress) -> tuple[int, float, list[tuple[int, float]], list[float]]:
    kept = progress.resume()
    if kept is None:
        return 0, 0.0, [], []
    step, elapsed, curve, pending = (kept[name] for name in _LOOP)
    learner.load({name: value for name, value in kept.items() if name not in _LOOP})
    points = [(int(update), float(loss)) for update, loss in curve.reshape(-1, 2)]
    return int(step.item()), elapsed.item(), points, [float(loss) for loss in np.ravel(pending)]
