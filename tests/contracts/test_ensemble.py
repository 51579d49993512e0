"""Ensembles refuse what cannot be meant, and take and cast without copying more than they must."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Ensemble, InvalidInput, Problem, Query, VlasovPoisson, require_inside


def states(cases: int = 2, particles: int = 3) -> np.ndarray:
    return np.linspace(0.1, 0.9, cases * particles).reshape(cases, particles, 1)


def test_equal_weights_take_no_memory() -> None:
    ensemble = Ensemble(states(), states())
    assert ensemble.equal_weights
    assert ensemble.weights.strides == (0, 0)
    np.testing.assert_allclose(ensemble.weights.sum(axis=1), 1.0)


def test_take_and_astype_keep_equal_weights_equal() -> None:
    ensemble = Ensemble(states(), states())
    for part in (ensemble.take(slice(0, 1)), ensemble.take(np.array([1])), ensemble.astype("float32")):
        assert part.equal_weights
        np.testing.assert_allclose(part.weights.sum(axis=1), 1.0, rtol=1e-6)
    assert np.shares_memory(ensemble.take(slice(1, 2)).velocities, ensemble.velocities)
    assert ensemble.astype("float64") is ensemble


def test_casting_keeps_particles_in_the_box() -> None:
    positions = np.array([[[0.5], [np.nextafter(128.0, 0.0)]]])
    cast = Ensemble(positions, positions).astype("float32").positions
    assert cast is not None
    assert cast.dtype == np.float32
    require_inside(cast, 128.0)
    np.testing.assert_allclose(cast, positions, rtol=1e-7)


def test_take_keeps_unequal_weights() -> None:
    weights = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    part = Ensemble(states(), states(), weights).take(np.array([1]))
    np.testing.assert_array_equal(part.weights, weights[1:])


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ((states(), np.full((2, 3, 1), np.nan)), "not finite"),
        ((states(), np.full((2, 3, 1), np.inf)), "not finite"),
        ((states(2, 4), states(2, 3)), "must have shape"),
        ((states(), states()[0]), "must have 3 axes"),
        ((states().astype(int), states()), "floats"),
        ((states()[:0], states()[:0]), "at least one case"),
        ((states(), states(), -np.ones((2, 3))), "negative"),
        ((states(), states(), np.ones((3, 2))), "must have shape"),
        ((states(), states(), np.broadcast_to(-0.5, (2, 3))), "negative"),
        ((states(), states(), np.broadcast_to(np.nan, (2, 3))), "not finite"),
        ((states(), states(), np.broadcast_to(0.5, (3, 2))), "must have shape"),
    ],
)
def test_what_cannot_be_meant_is_refused(arrays: tuple[np.ndarray, ...], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Ensemble(*arrays)


def test_finite_values_whose_sum_overflows_are_accepted() -> None:
    huge = np.full((1, 4, 1), 1e308)
    assert Ensemble(huge, huge).particles == 4


@pytest.mark.parametrize("position", [-1e-9, 1.0, 7.0])
def test_positions_outside_the_box_are_refused(position: float) -> None:
    positions = np.array([[[0.5], [position]]])
    with pytest.raises(InvalidInput, match=r"box \[0, 1\)"):
        require_inside(positions, 1.0)
    with pytest.raises(InvalidInput, match="box"):
        Problem(VlasovPoisson(1.0, 1.0), None, Ensemble(positions, positions), Query(np.array([1.0])))


def test_dimensions_must_fit_the_equation() -> None:
    two = np.full((1, 3, 2), 0.5)
    with pytest.raises(InvalidInput, match="1 \\+ 1 dimensions"):
        Problem(VlasovPoisson(1.0, 1.0), None, Ensemble(two, two), Query(np.array([1.0])))
