"""Orders of convergence of the sheet marches towards the exact motion, which they know nothing of."""

import numpy as np
import pytest

from kineticbench.contracts import Ensemble, VlasovPoisson
from kineticbench.numerics import sheets
from kineticbench.numerics.sheet_truth import sheet_truth

LENGTH, CHARGE = 128.0, 25.6


def cloud(weighted, fills_the_box, cases=4, particles=256):
    random = np.random.default_rng(7)
    x = random.uniform(0, LENGTH, (cases, particles)) if fills_the_box else random.normal(64, 1, (cases, particles))
    p = random.normal(size=x.shape) * (8 if fills_the_box else 1)
    w = random.uniform(0.5, 1.5, x.shape) if weighted else np.ones(x.shape)
    return x, p, w / w.sum(1, keepdims=True)


@pytest.mark.parametrize("fills_the_box", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_plain_leapfrog_is_of_first_order_and_corrected_of_second(weighted, fills_the_box):
    x, p, w = cloud(weighted, fills_the_box)
    box = {"length": LENGTH, "charge": CHARGE, "times": np.array([1.0])}
    truth = sheets.exact(x, p, w, **box)
    steps = np.array([200, 400, 800, 1600])
    for correct, order in ((False, 1.0), (True, 2.0)):
        marches = [sheets.leapfrog(x, p, w, **box, step=1 / n, correct=correct) for n in steps]
        errors = np.array([sheets.distances(march, truth, LENGTH).mean(axis=(1, 2)) for march in marches])
        measured = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
        assert measured == pytest.approx(order, abs=0.4), (correct, measured)
    assert errors[-1].max() < 1e-6


@pytest.mark.parametrize("periods", [0.45, 5.0, 15.0])
def test_the_bar_of_the_truth_is_rounding_and_the_second_method_agrees(periods):
    x, p, _ = cloud(False, fills_the_box=periods > 1, cases=4)
    equation = VlasovPoisson(LENGTH, CHARGE)
    times = np.linspace(0, periods / equation.plasma_frequency, 4)
    truth = sheet_truth(Ensemble(x[..., None], p[..., None]), equation, times)
    assert max(bar.max() for bar in truth.bars.values()) < 1e-11
    assert max(truth.second) < 1e-3
    assert set(truth.bars) == {"w1_position", "w1_momentum", "w2_phase_space"}


def test_a_wrong_truth_is_given_a_bar_as_large_as_its_error(monkeypatch):
    x, p, _ = cloud(False, fills_the_box=False, cases=4)
    right = sheets.exact

    def wrong(*start, charge, **rest):
        return right(*start, charge=1.01 * charge, **rest)

    equation, times = VlasovPoisson(LENGTH, CHARGE), np.array([0.0, 1.0])
    true = right(x, p, np.full(x.shape, 1 / 256), length=LENGTH, charge=CHARGE, times=times)
    monkeypatch.setattr(sheets, "exact", wrong)
    truth = sheet_truth(Ensemble(x[..., None], p[..., None]), equation, times)
    error = sheets.distances(truth.march, true, LENGTH).mean(-1)
    assert error[0, -1] > 1e-3
    np.testing.assert_allclose(truth.bars["w1_position"][-1], error[0, -1], rtol=0.05)
    np.testing.assert_allclose(truth.bars["w1_momentum"][-1], error[1, -1], rtol=0.05)
