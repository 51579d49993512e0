from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Diverged
from kineticbench.numerics.collision import maxwell_sum
from kineticbench.numerics.discrete_gradient import Dissipation, step


def particles() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    w = rng.uniform(0.5, 1.5, 60)
    return rng.normal(size=(60, 2)) * [1.0, 0.4], w / w.sum()


def physics(w: np.ndarray, factor: float = 1.0) -> Dissipation:
    """H = Σ w (1 + v_x²) v_y² + w |v|⁴/4: nothing special, and its exact gradient."""

    def gradient(v):
        slope = 2 * np.stack([v[:, 0] * v[:, 1] ** 2, (1 + v[:, 0] ** 2) * v[:, 1]], 1)
        return factor * (slope + (v**2).sum(1)[:, None] * v)

    return Dissipation(
        entropy=lambda v: factor * float(w @ ((1 + v[:, 0] ** 2) * v[:, 1] ** 2 + (v**2).sum(1) ** 2 / 4)),
        gradient=gradient,
        rate=lambda v, f: maxwell_sum(v, f, w, 0.5),
    )


@pytest.mark.parametrize("dt", [0.01, 0.1])
def test_momentum_and_energy_are_kept_while_the_entropy_falls(dt):
    v, w = particles()
    before, system = v, physics(w)
    for _ in range(10):
        moved = step(v, w, system, dt)
        assert system.entropy(moved) < system.entropy(v)
        v = moved
    np.testing.assert_allclose(w @ v, w @ before, atol=1e-14)
    assert w @ (v**2).sum(1) == pytest.approx(w @ (before**2).sum(1), rel=1e-12)


def test_entropy_falls_by_what_the_collisions_dissipate():
    v, w = particles()
    system, dt = physics(w), 0.05
    moved = step(v, w, system, dt)
    middle, change = (v + moved) / 2, moved - v
    force = system.gradient(middle)
    gained = system.entropy(moved) - system.entropy(v)
    force = force + (gained - w @ (force * change).sum(1)) / (w @ (change**2).sum(1)) * change
    assert gained == pytest.approx(dt * w @ (force * system.rate(middle, force)).sum(1), rel=1e-8)


def test_it_is_of_second_order():
    v, w = particles()
    system = physics(w)

    def after(steps: int) -> np.ndarray:
        x = v
        for _ in range(steps):
            x = step(x, w, system, 0.2 / steps)
        return x

    exact = after(128)
    errors = [np.abs(after(n) - exact).max() for n in (8, 16)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)


def test_particles_at_rest_stay():
    w = np.full(3, 1 / 3)
    np.testing.assert_array_equal(step(np.ones((3, 2)), w, physics(w), 0.1), 1)


def test_a_step_far_too_long_says_so():
    v, w = particles()
    with pytest.raises(Diverged, match="shorter dt"):
        step(v, w, physics(w, 1e6), 100.0)
