"""The entropy of samples by nearest neighbours, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.nearest_neighbour_entropy import entropy


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("neighbours", [1, 4])
def test_normal_laws(d, neighbours):
    v = np.random.default_rng(d).normal(size=(8000, d)) * 1.7
    exact = -0.5 * d * math.log(2 * math.pi * math.e * 1.7**2)
    assert entropy(v, neighbours) == pytest.approx(exact, abs=0.06)


def test_it_converges_with_the_number_of_samples():
    """In the mean over samples, to the entropy 0 of the unit cube."""
    draw = np.random.default_rng(0)
    errors = [np.mean([entropy(draw.random((n, 2))) for _ in range(20)]) for n in (100, 1600)]
    assert abs(errors[1]) < 0.4 * abs(errors[0])


def test_order_shift_and_scale():
    v = np.random.default_rng(1).normal(size=(300, 2))
    reference = entropy(v)
    assert entropy(v[::-1].copy()) == pytest.approx(reference)
    assert entropy(v + 5.0) == pytest.approx(reference)
    assert entropy(2 * v) == pytest.approx(reference - 2 * math.log(2))


def test_coinciding_pairs_are_borne_and_crowds_refused():
    v = np.random.default_rng(2).normal(size=(300, 2))
    assert np.isfinite(entropy(np.concatenate([v, v[:50]])))
    with pytest.raises(InvalidInput, match="5 of 304 particles coincide"):
        entropy(np.concatenate([v, *[v[:1]] * 4]))
    with pytest.raises(InvalidInput, match="cannot be estimated"):
        entropy(v[:4])
