"""The box in velocity space that holds a density from its start to its equilibrium."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import InitialDensity, InvalidInput

from .landau_operator import VelocityGrid

# f below this share of its maximum is outside; for a Maxwellian 1e-10 is at 6.8 standard deviations, 1e-7 at 5.7.
_LEVELS = (1e-10, 1e-7)
# Where f₀ is larger at the edge, in units of its maximum, the box is refused.
EDGE = 1e-6
# Points along each axis on which a density is scanned.
_SCAN = {2: 161, 3: 65}
_LARGEST = 1e6


def velocity_box(
    density: InitialDensity, dimension: int, cells: int, half_width: float = 0.0
) -> tuple[VelocityGrid, Float[np.ndarray, "case node"]]:
    """A grid about the mean velocity of the first case, and f₀ of every case on it.

    Parameters
    ----------
    density
        f₀.
    dimension
        d, 2 or 3.
    cells
        n along each axis.
    half_width
        L. 0 takes the smallest beyond which f₀ and its Maxwellian are below `level(cells)` of their maxima.

    Raises
    ------
    InvalidInput
        Where f₀ is above 10⁻⁶ of its maximum at the box's edge, with the half width that is needed; and where f₀ does
        not vanish at any distance.
    """
    centre, needed = _extent(density, dimension, level(cells))
    grid = VelocityGrid(cells, half_width or needed, centre)
    values = density.density(grid.nodes())
    if not np.isfinite(values).all() or values.min() < 0 or (values.max(axis=1) <= 0).any():
        raise InvalidInput("The initial density is negative, infinite, or zero on the whole grid.", "Mend it.")
    for f in values:
        if edge(f.reshape(grid.shape)) > EDGE:
            raise InvalidInput(
                f"f₀ has not vanished at the edge of the box of half width {grid.half_width:g} about "
                f"{np.round(centre, 3)}.",
                f"Take half_width = {needed:.3g}, or 0 to have it found.",
            )
    return grid, values


def level(cells: int) -> float:
    """exp(−πn/4), but 10⁻¹⁰ at least and 10⁻⁷ at most.

    What the box cuts off of a Maxwellian, exp(−L²/2σ²), and what cells miss of it, exp(−π²σ²/2h²), are then equal.
    """
    return min(max(math.exp(-math.pi * cells / 4), _LEVELS[0]), _LEVELS[1])


def edge(f: np.ndarray) -> float:
    """Max |f| on the box's boundary, in units of max f."""
    faces = [np.abs(np.take(f, i, axis)).max() for axis in range(f.ndim) for i in (0, -1)]
    return float(max(faces) / f.max())


def _extent(density: InitialDensity, dimension: int, share: float) -> tuple[tuple[float, ...], float]:
    """The mean of the first case and the half width that all cases need about it."""
    number, reach, middle = _SCAN[dimension], 1.0, np.zeros(dimension)
    while reach < _LARGEST:
        along = np.linspace(-reach, reach, number)
        v = middle + np.stack(np.meshgrid(*[along] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
        f = density.density(v)
        high = np.abs(v - middle).max(axis=1)[(f > share * f.max(axis=1, keepdims=True)).any(axis=0)]
        if f.max() > 0 and high.max() <= 0.75 * reach:
            break
        reach *= 1.25
    else:
        raise InvalidInput("The initial density does not vanish at large velocities.", "Give half_width yourself.")
    law = f / f.sum(axis=1, keepdims=True)
    means = law @ v
    needed = 0.0
    for one, mean in zip(law, means, strict=True):
        offset = np.abs(v - means[0])[one > share * one.max()].max() + 2 * reach / (number - 1)
        temperature = float(one @ ((v - mean) ** 2).sum(axis=1)) / dimension
        equilibrium = np.abs(mean - means[0]).max() + math.sqrt(-2 * math.log(share) * temperature)
        needed = max(needed, float(offset), float(equilibrium))
    return tuple(float(x) for x in np.round(means[0], 9)), needed
