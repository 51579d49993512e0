"""Fused products and quick roots of compiled loops."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

from kineticbench.numerics.kernels.fused import fma, reciprocal_root


@numba.njit
def _roots(x, out):
    for i in range(x.size):
        out[i] = reciprocal_root(x[i])


@numba.njit
def _products(x, y, z, out):
    for i in range(x.size):
        out[i] = fma(x[i], y[i], z[i])


@pytest.mark.parametrize(("precision", "low", "high"), [("float32", -30, 30), ("float64", -200, 200)])
def test_reciprocal_roots_are_right_to_rounding(precision: str, low: int, high: int):
    x = (10 ** np.random.default_rng(0).uniform(low, high, 100_000)).astype(precision)
    x[:3] = 1, 2, 4
    out = np.empty_like(x)
    _roots(x, out)
    exact = 1 / np.sqrt(x.astype(np.longdouble))
    assert float(np.abs(out / exact - 1).max()) <= 4 * np.finfo(precision).eps


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_fused_products(precision: str):
    x, y, z = (np.random.default_rng(k).normal(size=1000).astype(precision) for k in range(3))
    out = np.empty_like(x)
    _products(x, y, z, out)
    np.testing.assert_allclose(out, x * y + z, rtol=0, atol=8 * float(np.finfo(precision).eps))


def test_precisions_are_not_mixed():
    with pytest.raises(TypingError, match="three floats of one precision"):
        _products(np.ones(1, np.float32), np.ones(1, np.float32), np.ones(1), np.ones(1))
