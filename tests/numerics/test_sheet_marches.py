"""The compiled marches against plain loops, closed forms and each other."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import root_scalar

from kineticbench.contracts import InvalidInput
from kineticbench.numerics import sheets

LENGTH, CHARGE = 10.0, 4.0
BOX: dict[str, Any] = {"length": LENGTH, "charge": CHARGE}


def start(cases=3, particles=40, weighted=False, seed=0, spread=None, speed=1.0):
    random = np.random.default_rng(seed)
    if spread is None:
        x = random.uniform(0, LENGTH, (cases, particles))
    else:
        x = np.mod(random.normal(0, spread, (cases, particles)), LENGTH)
    p = speed * random.normal(size=x.shape) + 0.5
    w = random.uniform(0.5, 1.5, x.shape) if weighted else np.ones(x.shape)
    return x, p, w / w.sum(1, keepdims=True)


def plain_leapfrog(x, p, w, step, steps):
    for _ in range(steps):
        p = p + 0.5 * step * sheets.forces(x, w, LENGTH, CHARGE)
        x = np.mod(x + step * p, LENGTH)
        p = p + 0.5 * step * sheets.forces(x, w, LENGTH, CHARGE)
    return x, p


def circular(a, b):
    apart = np.abs(a - b)
    return np.minimum(apart, LENGTH - apart)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("spread", [None, 0.3])
def test_leapfrog_is_the_plain_loop(weighted, spread):
    x, p, w = start(weighted=weighted, spread=spread)
    march = sheets.leapfrog(x, p, w, **BOX, step=0.05, times=np.array([0.0, 0.05, 1.0]))
    for snapshot, steps in enumerate((0, 1, 20)):
        y, q = plain_leapfrog(x, p, w, 0.05, steps)
        assert circular(march.positions[snapshot], y).max() < 1e-12
        np.testing.assert_allclose(march.momenta[snapshot], q, atol=1e-12)


def test_one_long_step_scrambles_the_order_and_is_sorted_anew():
    x, p, w = start(cases=2, particles=3000, speed=5.0)
    march = sheets.leapfrog(x, p, w, **BOX, step=1.0, times=np.array([2.0]))
    y, q = plain_leapfrog(x, p, w, 1.0, 2)
    assert circular(march.positions[0], y).max() < 1e-11
    np.testing.assert_allclose(march.momenta[0], q, atol=1e-11)


def test_asking_for_more_times_changes_no_answer():
    x, p, w = start(weighted=True)
    last = np.array([1.0])
    often = np.sort(np.append(np.linspace(0.01, 0.99, 17), 1.0))
    for correct in (False, True):
        once = sheets.leapfrog(x, p, w, **BOX, step=0.1, times=last, correct=correct)
        many = sheets.leapfrog(x, p, w, **BOX, step=0.1, times=often, series=often[3:9], correct=correct)
        np.testing.assert_array_equal(once.positions[-1], many.positions[-1])
        np.testing.assert_array_equal(once.momenta[-1], many.momenta[-1])
    once, many = (sheets.exact(x, p, w, **BOX, times=times) for times in (last, often))
    np.testing.assert_array_equal(once.positions[-1], many.positions[-1])
    np.testing.assert_array_equal(once.momenta[-1], many.momenta[-1])


def test_a_time_off_the_grid_takes_one_shorter_step():
    x, p, w = start()
    march = sheets.leapfrog(x, p, w, **BOX, step=0.1, times=np.array([0.23]))
    y, q = plain_leapfrog(*plain_leapfrog(x, p, w, 0.1, 2), w, 0.03, 1)
    assert circular(march.positions[0], y).max() < 1e-12
    np.testing.assert_allclose(march.momenta[0], q, atol=1e-12)


def test_single_precision_is_kept_and_close():
    x, p, w = start()
    arrays = [array.astype(np.float32) for array in (x, p, w)]
    double = sheets.leapfrog(x, p, w, **BOX, step=0.1, times=np.array([0.5]))
    single = sheets.leapfrog(*arrays, **BOX, step=0.1, times=np.array([0.5]))
    assert single.positions.dtype == single.momenta.dtype == np.float32
    assert np.median(circular(single.positions, double.positions)) < 2e-5
    assert sheets.exact(*arrays, **BOX, times=np.array([0.5])).momenta.dtype == np.float32


def test_the_start_is_left_as_it_was():
    x, p, w = start()
    before = [array.copy() for array in (x, p, w)]
    sheets.leapfrog(x, p, w, **BOX, step=0.1, times=np.array([0.5]), correct=True)
    sheets.exact(x, p, w, **BOX, times=np.array([0.5]))
    for array, old in zip((x, p, w), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_at_time_zero_there_is_the_start_to_the_last_digit():
    x, p, w = start(weighted=True)
    for march in (
        sheets.exact(x, p, w, **BOX, times=np.array([0.0, 1.0])),
        sheets.leapfrog(x, p, w, **BOX, step=0.3, times=np.array([0.0, 1.0]), correct=True),
    ):
        np.testing.assert_array_equal(march.positions[0], x)
        np.testing.assert_array_equal(march.momenta[0], p)


def test_one_sheet_moves_freely_round_the_box():
    one = sheets.exact(np.array([[9.0]]), np.array([[3.0]]), np.ones((1, 1)), **BOX, times=np.array([0.0, 0.5, 7.0]))
    np.testing.assert_allclose(one.positions[:, 0, 0], [9.0, 0.5, 0.0], atol=1e-13)
    np.testing.assert_allclose(one.momenta, 3.0)
    marched = sheets.leapfrog(
        np.array([[9.0]]), np.array([[3.0]]), np.ones((1, 1)), **BOX, step=0.5, times=np.array([0.5]), correct=True
    )
    np.testing.assert_allclose(marched.positions[0, 0, 0], 0.5, atol=1e-13)


def test_two_sheets_that_cross_through_the_seam():
    """The lead g of one over the other obeys g'' = ω² (L/2 − g) for 0 < g < L, a circular motion about L/2."""
    omega, speed, ahead = np.sqrt(CHARGE / LENGTH), 4.0, 0.2

    def lead(t, begin, velocity):
        return LENGTH / 2 + (begin - LENGTH / 2) * np.cos(omega * t) + velocity / omega * np.sin(omega * t)

    meet = float(root_scalar(lead, (ahead, -speed), bracket=(0, 2 * ahead / speed)).root)
    impact = np.sqrt((omega * (ahead - LENGTH / 2)) ** 2 + speed**2 - (omega * LENGTH / 2) ** 2)
    times = np.linspace(0, 2, 41)
    x, p = np.array([[9.9, 0.1]]), np.array([[speed / 2, -speed / 2]])
    march = sheets.exact(x, p, np.full((1, 2), 0.5), **BOX, times=times)
    of_second = np.mod(march.positions[:, 0, 1] - march.positions[:, 0, 0], LENGTH)
    expected = np.where(times < meet, lead(times, ahead, -speed), LENGTH - lead(times - meet, 0, impact))
    np.testing.assert_allclose(of_second, np.mod(expected, LENGTH), atol=1e-12)
    assert march.crossings is not None
    assert march.crossings[0] == 1


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("spread", [None, 0.3])
def test_exact_motion_conserves_momentum_and_energy_and_runs_backward(weighted, spread):
    x, p, w = start(weighted=weighted, spread=spread)
    times = np.linspace(0, 30, 7)
    march = sheets.exact(x, p, w, **BOX, times=times, series=times)
    for name, tolerance in (("momentum", 1e-13), ("energy", 1e-12)):
        series = march.series[name]
        assert np.ptp(series, axis=1).max() < tolerance * np.abs(series).max()
    assert march.crossings is not None
    assert march.crossings.min() > 200
    back = sheets.exact(march.positions[-1], -march.momenta[-1], w, **BOX, times=times[-1:])
    assert circular(back.positions[0], x).max() < 1e-9
    np.testing.assert_allclose(-back.momenta[0], p, atol=1e-9)


def test_leapfrog_runs_backward_and_conserves_momentum():
    x, p, w = start(weighted=True)
    there = sheets.leapfrog(x, p, w, **BOX, step=0.05, times=np.array([5.0]), series=np.array([0.0, 5.0]))
    assert np.ptp(there.series["momentum"], axis=1).max() < 1e-14
    back = sheets.leapfrog(there.positions[0], -there.momenta[0], w, **BOX, step=0.05, times=np.array([5.0]))
    assert circular(back.positions[0], x).max() < 1e-10


@pytest.mark.parametrize("weighted", [False, True])
def test_exact_motion_does_not_depend_on_the_order_of_the_particles(weighted):
    x, p, w = start(weighted=weighted)
    order = np.random.default_rng(1).permutation(x.shape[1])
    one = sheets.exact(x, p, w, **BOX, times=np.array([3.0]))
    other = sheets.exact(x[:, order], p[:, order], w[:, order], **BOX, times=np.array([3.0]))
    assert circular(one.positions[..., order], other.positions).max() < 1e-12


def test_sheets_at_one_place_part_in_the_order_of_their_momenta():
    x = np.repeat([[2.0, 5.0, 8.0]], 4, axis=0).repeat(5, axis=1)
    p = np.tile(np.random.default_rng(2).normal(size=(4, 15)), 1)
    w = np.full(x.shape, 1 / 15)
    nudged = np.mod(x + 1e-9 * p, LENGTH)
    tied = sheets.exact(x, p, w, **BOX, times=np.array([2.0]))
    parted = sheets.exact(nudged, p, w, **BOX, times=np.array([2.0]))
    assert circular(tied.positions, parted.positions).max() < 1e-7
    marched = sheets.leapfrog(x, p, w, **BOX, step=1e-3, times=np.array([2.0]), correct=True)
    assert circular(tied.positions, marched.positions).max() < 1e-3


def test_many_cases_on_threads_equal_one_at_a_time():
    x, p, w = start(cases=3 * sheets.CHUNK + 1, particles=10)
    together = sheets.exact(x, p, w, **BOX, times=np.array([1.0]))
    alone = [
        sheets.exact(x[i : i + 1], p[i : i + 1], w[i : i + 1], **BOX, times=np.array([1.0])) for i in range(len(x))
    ]
    np.testing.assert_array_equal(together.positions, np.concatenate([march.positions for march in alone], axis=1))


@pytest.mark.parametrize("change", [{"length": 0.0}, {"charge": -1.0}, {"step": 0.0}, {"times": np.array([-1.0])}])
def test_bad_numbers_are_refused(change):
    arguments = {**BOX, "step": 0.1, "times": np.array([1.0]), **change}
    with pytest.raises(InvalidInput):
        sheets.leapfrog(*start(), **arguments)
