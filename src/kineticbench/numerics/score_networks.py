"""Fully connected networks for scores, s: Rᵈ → Rᵈ, with their parameters in one vector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..contracts import InvalidInput, require_positive

ACTIVATIONS = {"silu": jax.nn.silu, "softsign": jax.nn.soft_sign, "tanh": jnp.tanh, "softplus": jax.nn.softplus}


@dataclass(frozen=True)
class Architecture:
    """A network of equal hidden layers.

        h₁ = φ(W₁ᵀ x + b₁),    h_l = φ(W_lᵀ h_(l−1) + b_l),    s = W_Lᵀ h_(L−1) + b_L

    Parameters
    ----------
    dimension
        d of input and output.
    width
        Units of a hidden layer.
    layers
        L, the number of matrices; one more than hidden layers.
    activation
        φ: "silu", "softsign", "tanh" or "softplus".
    """

    dimension: int
    width: int
    layers: int
    activation: str

    def __post_init__(self) -> None:
        for name in ("dimension", "width", "layers"):
            require_positive(name, getattr(self, name), whole=True)
        if self.layers < 2:
            raise InvalidInput(f"layers must be at least 2, got {self.layers}.", "One layer is a linear score.")
        if self.activation not in ACTIVATIONS:
            raise InvalidInput(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}.")

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of every layer."""
        hidden = [self.width] * (self.layers - 1)
        return list(zip([self.dimension, *hidden], [*hidden, self.dimension], strict=True))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum((inputs + 1) * outputs for inputs, outputs in self.shapes)

    def initial(self, generator: np.random.Generator) -> np.ndarray:
        """Parameters (size,) float64, all of a layer uniform within ±1/√inputs."""
        parts = [generator.uniform(-1, 1, (i + 1) * o) / math.sqrt(i) for i, o in self.shapes]
        return np.concatenate(parts)

    def split(self, theta: Any) -> list[tuple[Any, Any]]:
        """Views (W, b) of every layer, W (inputs, outputs), of a vector of parameters (size,); NumPy or JAX."""
        layers, at = [], 0
        for inputs, outputs in self.shapes:
            middle = at + inputs * outputs
            layers.append((theta[at:middle].reshape(inputs, outputs), theta[middle : middle + outputs]))
            at = middle + outputs
        return layers


def network(architecture: Architecture, theta: Any, x: Any) -> Any:
    """s(x) for points (…, d); JAX, traceable."""
    activate = ACTIVATIONS[architecture.activation]
    *hidden, (last, end) = architecture.split(theta)
    for matrix, bias in hidden:
        x = activate(_matmul(x, matrix) + bias)
    return _matmul(x, last) + end


def tangents(architecture: Architecture, theta: Any, x: Any, e: Any) -> tuple[Any, Any]:
    """s(x) and its derivatives along the directions e (tangents, N or 1, d): (N, d) and (tangents, N, d)."""

    def along(direction: Any) -> tuple[Any, Any]:
        return jax.jvp(lambda y: network(architecture, theta, y), (x,), (jnp.broadcast_to(direction, x.shape),))

    values, slopes = jax.vmap(along, out_axes=(None, 0))(e)
    return values, slopes


@partial(jax.jit, static_argnums=0)
def evaluate(architecture: Architecture, theta: Any, x: Any) -> Any:
    """s(x) (N, d)."""
    return network(architecture, theta, x)


@partial(jax.jit, static_argnums=0)
def evaluate_with_jacobian(architecture: Architecture, theta: Any, x: Any) -> tuple[Any, Any]:
    """s(x) (N, d), and ∂s/∂x (N, d, d) with the derivative's index last."""
    axes = jnp.eye(architecture.dimension, dtype=x.dtype)[:, None]
    values, slopes = tangents(architecture, theta, x, axes)
    return values, jnp.moveaxis(slopes, 0, -1)


def _matmul(a: Any, b: Any) -> Any:
    return jnp.matmul(a, b, precision="highest")
