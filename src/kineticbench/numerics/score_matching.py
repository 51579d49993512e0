"""Losses whose minimum over all fields s is the score ∇ log f of weighted particles, as one form.

Every loss here is

    L = Σ_i [ q_i |s(x_i)|² + c_i·s(x_i) + r_i Σ_k e_ik·(∂s/∂x)(x_i) e_ik ]

with its own points x, coefficients and directions, so one gradient serves them all. Weights are taken relative to their
sum. The minimum of the implicit and (as α → 0) of the denoising loss is −∫|∇f|²/f, minus the Fisher information.

References
----------
A. Hyvärinen, Estimation of non-normalized statistical models by score matching, J. Mach. Learn. Res. 6, 695 (2005).
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from .score_networks import Architecture, network, tangents

Points = Float[np.ndarray, "N d"]
Weights = Float[np.ndarray, "N"]


class Form(NamedTuple):
    """Points (N, d), q (N,), c (N, d), r (N,), and directions e (N or 1, tangents, d)."""

    x: Any
    q: Any
    c: Any
    r: Any
    e: Any


def implicit(x: Points, w: Weights, probes: Float[np.ndarray, "N k d"] | None = None) -> Form:
    """Implicit score matching, Σ w (|s|² + 2 ∇·s).

    The trace is exact (d tangents), or with `probes` (N, k, d), of independent components with mean 0 and variance 1,
    Hutchinson's estimate (1/k) Σ_k e_k·(∂s/∂x) e_k.
    """
    share = _share(w)
    r = 2 * share if probes is None else 2 * share / x.dtype.type(probes.shape[1])
    return Form(x, share, np.zeros_like(x), r, np.eye(x.shape[1], dtype=x.dtype)[None] if probes is None else probes)


def denoising(x: Points, w: Weights, noise: Points, alpha: float) -> Form:
    """Denoising score matching in antithetic form, Σ w [|s(x)|² + (s(x + αζ) − s(x − αζ))·ζ/α], ζ ~ N(0, I).

    Its expectation over ζ is the implicit loss up to O(α²).
    """
    share, zero = _share(w), np.zeros_like(w)
    slope = (share[:, None] * noise / x.dtype.type(alpha)).astype(x.dtype)
    step = x.dtype.type(alpha) * noise
    return Form(
        np.concatenate([x, x + step, x - step]),
        np.concatenate([share, zero, zero]),
        np.concatenate([np.zeros_like(x), slope, -slope]),
        np.zeros(3 * len(x), x.dtype),
        np.empty((1, 0, x.shape[1]), x.dtype),
    )


def explicit(x: Points, w: Weights, target: Points) -> tuple[Form, float]:
    """Regression on a known score t: the form Σ w (|s|² − 2 s·t), and Σ w |t|², which makes it Σ w |s − t|²."""
    share = _share(w)
    form = Form(x, share, -2 * share[:, None] * target, np.zeros_like(w), np.empty((1, 0, x.shape[1]), x.dtype))
    return form, float(share.astype(np.float64) @ (target.astype(np.float64) ** 2).sum(1))


def loss(architecture: Architecture, theta: Any, form: Form) -> Any:
    """L, by JAX."""
    directions = form.e.shape[1]
    if directions == 0:
        s, trace = network(architecture, theta, form.x), 0.0
    else:
        e = form.e.swapaxes(0, 1)
        s, slopes = tangents(architecture, theta, form.x, e)
        trace = (form.r * (slopes * e).sum((0, 2))).sum()
    return (form.q * (s * s).sum(1)).sum() + (form.c * s).sum() + trace


@partial(jax.jit, static_argnums=0)
def value_and_gradient(architecture: Architecture, theta: Any, form: Form) -> tuple[Any, Any]:
    """L and ∂L/∂θ (size,), by JAX on whatever device holds θ."""
    return jax.value_and_grad(loss, 1)(architecture, theta, form)


def _share(w: np.ndarray) -> np.ndarray:
    return (w / w.sum(dtype=np.float64)).astype(w.dtype)
