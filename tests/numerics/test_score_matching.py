"""Losses of score matching, and the compiled gradient against automatic differentiation."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from kineticbench.contracts import Diverged, InvalidInput
from kineticbench.numerics import score_matching
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.score_matching_compiled import Kernel, padded
from kineticbench.numerics.score_matching_training import Fit, Trainer, regress
from kineticbench.numerics.score_networks import Architecture, evaluate, evaluate_with_jacobian

SILU = Architecture(3, 12, 4, "silu")
SOFTSIGN = Architecture(2, 40, 2, "softsign")


def particles(architecture: Architecture, dtype: str = "float64", count: int = 70) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(0)
    x = random.standard_normal((count, architecture.dimension)).astype(dtype)
    return x, random.random(count).astype(dtype), architecture.initial(random).astype(dtype)


def forms(x: np.ndarray, w: np.ndarray) -> dict[str, score_matching.Form]:
    random = np.random.default_rng(1)
    noise = random.standard_normal(x.shape).astype(x.dtype)
    return {
        "implicit": score_matching.implicit(x, w),
        "hutchinson": score_matching.implicit(x, w, random.standard_normal((len(x), 2, x.shape[1])).astype(x.dtype)),
        "denoising": score_matching.denoising(x, w, noise, 0.4),
        "explicit": score_matching.explicit(x, w, noise)[0],
    }


@pytest.mark.parametrize("architecture", [SILU, SOFTSIGN], ids=lambda a: a.activation)
@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-13), ("float32", 3e-6)])
def test_compiled_gradient_is_that_of_automatic_differentiation(architecture, precision, tolerance):
    x, w, theta = particles(architecture, precision)
    kernel = Kernel(architecture, np.dtype(precision))
    for name, form in forms(x, w).items():
        with scope("cpu", precision):
            value, slope = score_matching.value_and_gradient(architecture, theta, form)
        found, gradient = kernel(theta, padded(form))
        assert gradient.dtype == precision
        assert found == pytest.approx(float(value), rel=10 * tolerance, abs=10 * tolerance), name
        np.testing.assert_allclose(gradient, slope, atol=tolerance * np.abs(slope).max(), err_msg=name)


def test_compiled_gradient_does_not_depend_on_threads():
    x, w, theta = particles(SILU, count=1000)
    form, kernel = padded(score_matching.implicit(x, w)), Kernel(SILU, np.dtype("float64"))
    threads = numba.get_num_threads()
    _, several = kernel(theta, form)
    numba.set_num_threads(1)
    _, one = kernel(theta, form)
    numba.set_num_threads(threads)
    np.testing.assert_array_equal(several, one)


def test_compiled_exponential_neither_overflows_nor_loses_digits():
    one = Architecture(2, 1, 2, "silu")
    kernel = Kernel(one, np.dtype("float64"))
    theta = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0])  # s = (silu(x₁), silu(x₁))
    x = np.stack([np.array([-2000.0, -700, -40, -1, -1e-9, 0, 1e-9, 3, 30, 700, 2000]), np.zeros(11)], 1)
    for point in x:
        form = padded(score_matching.explicit(point[None], np.ones(1), np.zeros((1, 2)))[0])
        value, gradient = kernel(theta, form)
        silu = point[0] / (1 + np.exp(-point[0])) if point[0] > -700 else 0.0
        assert value == pytest.approx(2 * silu**2, rel=1e-14, abs=1e-300)
        assert np.isfinite(gradient).all()


def test_hutchinson_along_all_axes_is_the_exact_trace():
    x, w, theta = particles(SILU)
    probes = np.broadcast_to(np.sqrt(3) * np.eye(3), (len(x), 3, 3)).copy()
    kernel = Kernel(SILU, np.dtype("float64"))
    exact, _ = kernel(theta, padded(score_matching.implicit(x, w)))
    random, _ = kernel(theta, padded(score_matching.implicit(x, w, probes)))
    assert random == pytest.approx(exact, rel=1e-13)


def test_denoising_at_small_noise_is_hutchinson_along_the_noise():
    x, w, theta = particles(SILU)
    noise = np.random.default_rng(2).standard_normal(x.shape)
    kernel = Kernel(SILU, np.dtype("float64"))
    differences = []
    for alpha in (0.02, 0.01):
        denoised, _ = kernel(theta, padded(score_matching.denoising(x, w, noise, alpha)))
        traced, _ = kernel(theta, padded(score_matching.implicit(x, w, noise[:, None])))
        differences.append(abs(denoised - traced))
    assert differences[1] < 1e-4
    assert differences[0] / differences[1] == pytest.approx(4, rel=0.01)


def test_jacobian_is_the_derivative_of_the_score():
    x, _, theta = particles(SILU, count=5)
    h = 1e-6
    with scope("cpu", "float64"):
        value, jacobian = evaluate_with_jacobian(SILU, theta, x)
        for n in range(3):
            step = h * np.eye(3)[n]
            slope = (evaluate(SILU, theta, x + step) - evaluate(SILU, theta, x - step)) / (2 * h)
            np.testing.assert_allclose(jacobian[..., n], slope, atol=1e-8)
        np.testing.assert_allclose(value, evaluate(SILU, theta, x), atol=1e-15)


@pytest.mark.parametrize("activation", ["silu", "tanh"])
def test_a_fit_goes_on_from_its_checkpoint_as_if_nothing_had_happened(activation, monkeypatch):
    monkeypatch.setattr("kineticbench.numerics.score_matching_training.CHECKPOINT_SECONDS", 0.0)
    architecture = Architecture(2, 8, 3, activation)
    x, w, theta = particles(architecture)
    fit = Fit(1e-2, True, 32, 1e-12, 250)
    kept = []

    class Keeper:
        def report(self, done, total, **figures):
            pass

        def save(self, state):
            kept.append({name: np.array(value) for name, value in state.items()})

        def resume(self):
            return kept[0] if kept else None

    with scope("cpu", "float64"):
        trainer = Trainer(architecture, "adamax", "cpu", "float64")
        whole, curve = regress(trainer, theta, (x, w, -x), fit, 0, Keeper())
        again, same = regress(trainer, theta, (x, w, -x), fit, 0, Keeper())
    assert kept[0]["done"] == 100
    np.testing.assert_array_equal(whole, again)
    np.testing.assert_array_equal(curve, same)
    assert curve[-1] < curve[0]


def test_training_that_is_lost_says_so():
    architecture = Architecture(2, 8, 3, "silu")
    x, w, theta = particles(architecture)
    form = score_matching.implicit(x, w)
    with scope("cpu", "float64"):
        trainer = Trainer(architecture, "adam", "cpu", "float64")
        begin = trainer.begin(theta)
        with pytest.raises(Diverged, match="smaller rate"):
            trainer.train(begin, lambda _: form, 20, 1e200)


def test_an_architecture_that_cannot_be_meant_is_refused():
    for layers, activation in ((1, "silu"), (3, "step")):
        with pytest.raises(InvalidInput):
            Architecture(2, 8, layers, activation)
