"""The network from which score-based transport starts: the initial density's score, learned from its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..contracts import Diverged, Ensemble, InitialDensity, Progress, Silent, all_finite
from .score_matching_training import Fit, Trainer, regress
from .score_transport import Scale


@dataclass(frozen=True, eq=False)
class Start:
    """A fitted network.

    Parameters
    ----------
    scale
        Units that it works in.
    theta
        Its parameters (size,).
    curve
        Relative squared errors along its fit, the last one its error.
    """

    scale: Scale
    theta: np.ndarray
    curve: np.ndarray


def fitted(
    trainer: Trainer,
    density: InitialDensity,
    drawn: Ensemble,
    fit: Fit,
    seed: int,
    progress: Progress | None = None,
) -> list[Start]:
    """One network for each case of an initial density, fitted at the particles `drawn` from it.

    Parameters
    ----------
    trainer
        What trains.
    density, drawn
        f₀, and weighted samples of it.
    fit
        How to fit.
    seed
        Of the first parameters.
    progress
        Told how far the fits are, and asked for a checkpoint to go on from.

    Raises
    ------
    InvalidInput
        For particles that have no score.
    Diverged
        Where the score of f₀ at its particles, or the loss, is not finite.
    """
    starts = []
    for case in range(drawn.cases):
        v, w = drawn.velocities[case].astype(np.float64), np.asarray(drawn.weights[case], np.float64)
        scale = Scale.of(v, w)
        target = density.score(v)
        target = scale.speed * target[case % len(target)]
        if not all_finite(target):
            raise Diverged("The score of the initial density is not finite at its own particles.", "Draw others.")
        dtype = np.dtype(trainer.precision)
        samples = (scale.reduced(v).astype(dtype), w.astype(dtype), target.astype(dtype))
        theta = trainer.architecture.initial(np.random.default_rng([seed, case])).astype(dtype)
        own = _OfCase(progress or Silent(), case)
        starts.append(Start(scale, *regress(trainer, theta, samples, fit, seed, own)))
    return starts


@dataclass(frozen=True, eq=False)
class _OfCase(Progress):
    """The part of a `Progress` that one case sees: its newest checkpoint counts if it is this case's."""

    whole: Progress
    case: int

    def report(self, done: int, total: int, **figures: float) -> None:
        """Pass it on."""
        self.whole.report(done, total, **figures)

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """With the number of the case."""
        self.whole.save({**state, "case": np.array([self.case])})

    def resume(self) -> dict[str, np.ndarray] | None:
        """None where the checkpoint is another case's, which is fitted again."""
        kept = self.whole.resume()
        return kept if kept is not None and int(kept["case"].item()) == self.case else None
