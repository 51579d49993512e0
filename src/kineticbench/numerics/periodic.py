"""Positions in a periodic box, cut open and closed again."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def unwrap(positions: Float[np.ndarray, "*batch particle"], length: float) -> Float[np.ndarray, "*batch particle"]:
    """For each particle the image nearest to the circular mean of its batch.

    The circular mean is the direction of Σ exp(2πi x/L): for a cloud narrower than half the box the result is the
    connected cloud, whether or not it straddles the edge, with its mean near the box.
    """
    angle = 2 * np.pi / length * positions
    mean = np.arctan2(np.sin(angle).sum(-1, keepdims=True), np.cos(angle).sum(-1, keepdims=True))
    centre = np.mod(mean * (length / (2 * np.pi)), length)
    shift = length * np.round((positions - centre) / length)
    return (positions - shift).astype(positions.dtype)


def wrap(positions: Float[np.ndarray, "..."], length: float) -> Float[np.ndarray, "..."]:
    """The images in [0, L); never L itself, which a tiny negative position would round to."""
    wrapped = np.mod(positions, np.asarray(length, positions.dtype))
    return np.where(wrapped < length, wrapped, np.zeros((), positions.dtype))
