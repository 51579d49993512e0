"""The exact motion of sheets as a truth, with a measured error bar.

`sheets.exact` has no step, so its error is rounding, amplified by the crossings. Two measurements on the first cases
bound it:

- the mirrored and shifted problem, solved anew: every operation rounds differently, the answer is the same;
- the crossing-corrected leapfrog with n and 2n steps, another method altogether. It approaches the truth as its step
  shrinks, so its finer run should lie no further from the truth than from its coarser run. Whatever is beyond that is
  charged to the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Ensemble, VlasovPoisson
from . import sheets
from .sheets import March

MEASURED = 64  # cases on which the bars are measured
CHECK_STEPS = 400  # of the coarser leapfrog, for each 1/ω_p
SHIFT = (3 - math.sqrt(5)) / 2  # of the box: no fraction of it that rounds as it did before


@dataclass(frozen=True, eq=False)
class SheetTruth:
    """The exact motion and what is known of its error.

    Parameters
    ----------
    march
        Particles at the times asked for.
    bars
        Error of the W1 of positions and momenta and of the W2 in phase space, each (time,).
    rounding
        What mirroring and shifting changed at the last time, positions and momenta.
    second
        How far the second method, at its finer step, is from the truth at the last time, positions and momenta.
    """

    march: March
    bars: dict[str, np.ndarray]
    rounding: tuple[float, float]
    second: tuple[float, float]


def sheet_truth(ensemble: Ensemble, equation: VlasovPoisson, times: Float[np.ndarray, "time"]) -> SheetTruth:
    """Solve exactly and measure the error, in mean distances of particles, which bound Wasserstein distances."""
    assert ensemble.positions is not None
    q, p, w = ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights
    march = sheets.exact(q, p, w, length=equation.length, charge=equation.charge, times=times)
    few = slice(MEASURED)
    first = March(march.positions[:, few], march.momenta[:, few], {})
    part = ensemble.take(few)
    rounding = _error(first, _mirrored(part, equation, times), equation.length)
    coarse, fine = (_corrected(part, equation, times, refinement) for refinement in (1, 2))
    second, own = _error(first, fine, equation.length), _error(coarse, fine, equation.length)
    bars = rounding + np.maximum(second - own, 0)
    return SheetTruth(
        march,
        dict(zip(("w1_position", "w1_momentum", "w2_phase_space"), bars, strict=True)),
        (float(rounding[0, -1]), float(rounding[1, -1])),
        (float(second[0, -1]), float(second[1, -1])),
    )


def distance_from_truth(
    positions: Float[np.ndarray, "case particle"],
    momenta: Float[np.ndarray, "case particle"],
    ensemble: Ensemble,
    equation: VlasovPoisson,
    time: float,
) -> tuple[float, float]:
    """Mean W1 of positions, on the circle, and of momenta between a state at `time` and the exact motion."""
    from .kernels.wasserstein import circle_rows_equal

    assert ensemble.positions is not None
    march = sheets.exact(
        *(ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights),
        length=equation.length,
        charge=equation.charge,
        times=np.array([time]),
    )
    circle = np.empty(len(positions))
    circle_rows_equal(np.sort(positions, -1), np.sort(march.positions[0], -1), equation.length, circle)
    line = np.abs(np.sort(momenta, -1) - np.sort(march.momenta[0], -1))
    return float(circle.mean()), float(line.mean())


def _error(one: March, other: March, length: float) -> np.ndarray:
    """Mean distances in position and momentum, and the mean over cases of the root mean square in phase space."""
    apart = np.abs(one.positions - other.positions)
    square = np.minimum(apart, length - apart) ** 2 + (one.momenta - other.momenta) ** 2
    return np.concatenate([sheets.distances(one, other, length).mean(-1), [np.sqrt(square.mean(-1)).mean(-1)]])


def _mirrored(ensemble: Ensemble, equation: VlasovPoisson, times: np.ndarray) -> March:
    """Solve the problem in which q → s − q and p → −p, and map its answer back."""
    assert ensemble.positions is not None
    length = equation.length
    mirror = np.mod(SHIFT * length - ensemble.positions[..., 0], length)
    mirror[mirror >= length] = 0
    march = sheets.exact(
        mirror, -ensemble.velocities[..., 0], ensemble.weights, length=length, charge=equation.charge, times=times
    )
    return March(np.mod(SHIFT * length - march.positions, length), -march.momenta, {})


def _corrected(ensemble: Ensemble, equation: VlasovPoisson, times: np.ndarray, refinement: int) -> March:
    assert ensemble.positions is not None
    span = float(times[-1]) if times.size and times[-1] > 0 else 1.0
    steps = refinement * math.ceil(CHECK_STEPS * max(equation.plasma_frequency * span, 0.25))
    return sheets.leapfrog(
        *(ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights),
        length=equation.length,
        charge=equation.charge,
        step=span / steps,
        times=times,
        correct=True,
    )
