"""The gradient of score matching by the compiled kernel: pads, packs, and takes apart again."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from .kernels.score_gradient import CHUNKS, SILU, SOFTSIGN, TILE, gradient, scratch_size
from .kernels.score_panels import columns
from .score_matching import Form
from .score_networks import Architecture

COMPILED = {"silu": SILU, "softsign": SOFTSIGN}


def supported(architecture: Architecture) -> bool:
    """Whether the kernel knows the activation."""
    return architecture.activation in COMPILED


def padded(form: Form) -> Form:
    """With points of no weight up to a whole number of tiles."""
    extra = -len(form.x) % TILE

    def pad(array: np.ndarray) -> np.ndarray:
        filled = np.concatenate([array, np.zeros((extra, *array.shape[1:]), array.dtype)]) if extra else array
        return np.ascontiguousarray(filled)

    e = np.ascontiguousarray(form.e) if len(form.e) == 1 else pad(form.e)
    return Form(pad(form.x), pad(form.q), pad(form.c), pad(form.r), e)


class Kernel:
    """L and its gradient for one architecture and precision; keeps its buffers, so one thread at a time may call it.

    Hidden layers are widened to whole panels by units without weights, whose gradients are dropped.

    Parameters
    ----------
    architecture
        A network that is `supported`.
    dtype
        float32 or float64.
    """

    def __init__(self, architecture: Architecture, dtype: np.dtype):
        self._architecture = architecture
        d, hidden = architecture.dimension, architecture.layers - 1
        wide = columns(dtype.itemsize)
        self._width = width = -(-architecture.width // wide) * wide
        shapes = ((d, width), (hidden, width), (hidden - 1, width, width), (d, width))
        self._first, self._bias, self._inner, self._last = (np.zeros(shape, dtype) for shape in shapes)
        self._turned = np.zeros_like(self._inner)
        self._losses = np.empty((CHUNKS, 1 + d))
        self._gradients = [np.empty((CHUNKS, *shape), dtype) for shape in shapes]
        self._scratch = np.empty((0, 0), dtype)

    def __call__(self, theta: np.ndarray, form: Form) -> tuple[float, np.ndarray]:
        """L and ∂L/∂θ (size,) of a form that `padded` returned, in the precision of θ."""
        layers, d = self._architecture.split(theta), self._architecture.dimension
        hidden, units = len(layers) - 1, slice(self._architecture.width)
        self._first[:, units], self._last[:, units] = layers[0][0], layers[-1][0].T
        for i in range(hidden):
            self._bias[i, units] = layers[i][1]
            if i > 0:
                self._inner[i - 1, units, units] = layers[i][0]
                self._turned[i - 1, units, units] = layers[i][0].T
        room = (numba.config.NUMBA_NUM_THREADS, scratch_size(hidden, self._width, form.e.shape[1], d))  # type: ignore
        if self._scratch.shape != room:
            self._scratch = np.empty(room, theta.dtype)
        weights = (self._first, self._bias, self._inner, self._turned, self._last, np.ascontiguousarray(layers[-1][1]))
        activation = COMPILED[self._architecture.activation]
        arguments: tuple[Any, ...] = (*form, *weights, activation, self._losses, *self._gradients, self._scratch)
        gradient(*arguments)
        g_first, g_bias, g_inner, g_last = (part.sum(0) for part in self._gradients)
        summed = self._losses.sum(0)
        found = [g_first[:, units], g_bias[0, units]]
        for i in range(1, hidden):
            found += [g_inner[i - 1, units, units], g_bias[i, units]]
        found += [g_last[:, units].T, summed[1:]]
        return float(summed[0]), np.concatenate([part.ravel() for part in found]).astype(theta.dtype, copy=False)
