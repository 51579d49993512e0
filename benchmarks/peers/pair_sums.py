"""Sums over all pairs: the Coulomb collision sum in 3D.

U_i = −Σ_j w_j |z|⁻³ (|z|² I − z zᵀ)(s_i − s_j), z = v_i − v_j, for particles of a normal law with weights 1/N; a sum
over N particles counts as N² pairs, whether or not a pair is met once for both. The error is the root mean square one
of 64 of the U_i, relative to theirs, against the sum in extended precision. KeOps compiles the formula, given as a
`LazyTensor`, on first use, which is not timed. The NumPy code takes 64 particles at a time with all others.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .comparison import Comparison, Task

PARTICLES, FEWER, ROWS = 8_192, 4_096, 64


def plasma(particles: int, precision: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """V and s (particle, 3), w (particle,)."""
    v = np.random.default_rng(0).standard_normal((particles, 3))
    s = -v + 0.3 * np.sin(2 * v)
    return v.astype(precision), s.astype(precision), np.full(particles, 1 / particles, precision)


def direct(v: np.ndarray, s: np.ndarray, w: np.ndarray, rows: slice) -> np.ndarray:
    """U of some particles, by arrays of (row, particle, 3) in the precision of v."""
    z, difference = v[rows, None] - v[None], s[rows, None] - s[None]
    square = (z * z).sum(-1)
    inverse = np.divide(1, np.sqrt(square), out=np.zeros_like(square), where=square > 0)
    along = (z * difference).sum(-1) * inverse**3
    return -((w * inverse)[..., None] * difference - (w * along)[..., None] * z).sum(1)


def error_of(v: np.ndarray, s: np.ndarray, w: np.ndarray, U: Any) -> float:
    """Against extended precision, from the same rounded v, s and w."""
    v, s, w = (array.astype(np.longdouble) for array in (v, s, w))
    exact = direct(v, s, w, slice(ROWS))
    return float(np.sqrt(((np.asarray(U)[:ROWS] - exact) ** 2).sum() / (exact**2).sum()))


def ours(device: str, precision: str, particles: int = PARTICLES) -> Task:
    """`coulomb_sum`; JAX on a GPU."""
    from kineticbench.numerics.collision import coulomb_sum

    v, s, w = arrays = plasma(particles, precision)
    if device == "gpu":
        import jax

        jax.config.update("jax_enable_x64", precision == "float64")
        placed = [jax.numpy.asarray(array) for array in arrays]
        compiled = jax.jit(partial(coulomb_sum, strength=1.0))
        return Task(lambda: compiled(*placed), partial(error_of, *arrays), particles**2)
    return Task(lambda: coulomb_sum(v, s, w, 1.0), partial(error_of, *arrays), particles**2)


def keops(device: str, precision: str) -> Task:
    """A LazyTensor of NumPy arrays, or of torch's on a GPU."""
    arrays = plasma(PARTICLES, precision)
    placed: Any = arrays
    if device == "gpu":
        import torch
        from pykeops.torch import LazyTensor  # pyright: ignore[reportMissingImports]

        placed = tuple(torch.from_numpy(array).cuda() for array in arrays)
    else:
        from pykeops.numpy import LazyTensor  # pyright: ignore[reportMissingImports]

    def call() -> Any:
        v, s, w = placed
        z, difference = (LazyTensor(x[:, None, :]) - LazyTensor(x[None, :, :]) for x in (v, s))
        inverse = (z | z).rsqrt()  # 0 where z = 0
        push = difference - z * ((z | difference) * inverse * inverse)
        return -(push * (inverse * LazyTensor(w[None, :, None]))).sum(1)

    def error(U: Any) -> float:
        return error_of(*arrays, U if device == "cpu" else U.cpu().numpy())

    return Task(call, error, PARTICLES**2)


def numpy_code(device: str, precision: str) -> Task:
    """`direct` for 64 particles after another."""
    arrays = plasma(FEWER, precision)
    blocks = [slice(first, first + ROWS) for first in range(0, FEWER, ROWS)]
    return Task(
        lambda: np.concatenate([direct(*arrays, rows) for rows in blocks]), partial(error_of, *arrays), FEWER**2
    )


_MEASURE = "U, relative"

COMPARISONS = (
    *(
        Comparison(
            f"keops {precision}",
            f"N = {PARTICLES:_}, {precision}".replace("_", " "),
            "pair",
            _MEASURE,
            "KeOps",
            "pykeops",
            partial(ours, precision=precision),
            partial(keops, precision=precision),
            ("cpu", "gpu"),
            target=20 if precision == "float32" else None,
        )
        for precision in ("float32", "float64")
    ),
    *(
        Comparison(
            f"numpy {precision}",
            f"N = {FEWER:_}, {precision}".replace("_", " "),
            "pair",
            _MEASURE,
            "NumPy",
            "numpy",
            partial(ours, precision=precision, particles=FEWER),
            partial(numpy_code, precision=precision),
        )
        for precision in ("float32", "float64")
    ),
)
