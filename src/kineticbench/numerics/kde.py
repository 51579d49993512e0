"""Density of weighted particles by Gaussian kernels, one rule of bandwidth for everyone.

    f̂(v) = Σ_i w_i Π_a φ((v_a − v_ia) / h_a) / h_a,    h_a = σ_a n^(−1/(d+4)),    n = (Σ w)² / Σ w²

Scott's rule for product kernels: φ is the standard normal density, σ_a the particles' weighted standard deviation along
axis a, n Kish's effective number of particles. f̂ has the mass Σ w. For independent samples of a normal law this is
about the bandwidth of least mean integrated squared error.

Source: D. W. Scott, Multivariate Density Estimation (1992), section 6.3; L. Kish, Survey Sampling (1965).
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput

REACH = 7.0  # bandwidths, 7.5 at most: the kernel is 2e-11 of its peak there


def bandwidth(v: Float[np.ndarray, "n d"], weights: Float[np.ndarray, "n"]) -> Float[np.ndarray, "d"]:
    """Scott's bandwidth along each axis.

    Raises
    ------
    InvalidInput
        For weights that sum to nothing, and particles that do not spread along some axis.
    """
    total = float(weights.sum())
    if not total > 0:
        raise InvalidInput("The weights of these particles sum to zero.", "Give them some mass.")
    share = weights / total
    mean = share @ v
    spread = np.sqrt(share @ (v - mean) ** 2)
    if not (spread > 1e-12 * np.abs(v).max()).all():
        raise InvalidInput(
            f"The particles do not spread along every axis (standard deviations {spread}), so no density can be "
            "estimated from them.",
            "Use more particles, or a solver that returns its own density.",
        )
    effective = 1.0 / float(share @ share)
    return spread * effective ** (-1.0 / (v.shape[1] + 4))


def density(
    v: Float[np.ndarray, "n d"],
    weights: Float[np.ndarray, "n"],
    points: Float[np.ndarray, "m d"],
    width: Float[np.ndarray, "d"] | None = None,
) -> Float[np.ndarray, "m"]:
    """f̂ at the points; `width` replaces the rule's bandwidth.

    Points that are the tensor grid of ascending axes, the last fastest, take a fast path in two and three dimensions.
    The cost is then that of the nodes within `REACH` bandwidths of each particle, otherwise n m.
    """
    from .kernels import kde as kernels

    v, weights, points = (np.ascontiguousarray(array, dtype=np.float64) for array in (v, weights, points))
    width = bandwidth(v, weights) if width is None else width
    axes = tensor_axes(points)
    shape = [] if axes is None else [axis.size for axis in axes]
    if axes is not None and len(axes) == 2:
        out = np.zeros(shape)
        kernels.plane(v, weights, width, axes[0], axes[1], REACH, out)
    elif axes is not None and len(axes) == 3:
        out = np.zeros(shape)
        kernels.space(v, weights, width, axes[0], axes[1], axes[2], REACH, out)
    else:
        out = np.zeros(len(points))
        kernels.anywhere(np.ascontiguousarray((v / width).T), weights, points / width, REACH, out)
    return out.ravel() / (float(np.prod(width)) * (2 * math.pi) ** (0.5 * v.shape[1]))


def smoothed(
    values: Float[np.ndarray, "m"], points: Float[np.ndarray, "m d"], width: Float[np.ndarray, "d"]
) -> Float[np.ndarray, "m"] | None:
    """A density known on a uniform tensor grid, convolved with the kernel: f̂ of infinitely many exact particles.

    The grid is the quadrature: trapezoidal, with a relative error of about exp(−2π² h²/Δ²) for the spacing Δ. None
    where the points are no such grid, or one with spacings above 1.5 bandwidths (there 2e-4).
    """
    axes = tensor_axes(points)
    if axes is None or not uniform(axes):
        return None
    spacing = np.array([axis[1] - axis[0] for axis in axes])
    if (spacing > 1.5 * width).any():
        return None
    return density(points, values * float(np.prod(spacing)), points, width)


def tensor_axes(points: Float[np.ndarray, "m d"]) -> list[Float[np.ndarray, "n"]] | None:
    """The ascending axes whose tensor grid the points are, last axis fastest; None where they are none."""
    axes = [np.unique(column) for column in points.T]
    if math.prod(axis.size for axis in axes) != len(points) or min(axis.size for axis in axes) < 2:
        return None
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(points.shape)
    return axes if np.array_equal(grid, points) else None


def uniform(axes: list[Float[np.ndarray, "n"]]) -> bool:
    """Whether the nodes of every axis are equally spaced, up to rounding."""
    return all(float(np.ptp(np.diff(axis))) < 1e-9 * float(np.ptp(axis)) for axis in axes)
