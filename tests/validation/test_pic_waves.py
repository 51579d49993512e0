"""Particle-in-cell against exact roots of the dispersion relation, within one per cent."""
# pyright: reportOptionalMemberAccess=false, reportOptionalSubscript=false

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Quiet
from kineticbench.numerics.exponential_fit import fit_exponential
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.pic import Setting, simulate


def first_mode(velocities, k, amplitude, particles, dt, final_time):
    plasma = PerturbedPlasma(velocities, k, amplitude)
    start = plasma.sample(Quiet(weighted=True), particles, 0)
    steps = range(round(final_time / dt) + 1)
    setting = Setting(plasma.length, 128, plasma.length, dt)
    _, _, series = simulate(start.positions[..., 0], start.velocities[..., 0], start.weights, setting, [], steps)
    return dt * np.array(steps), series["field_mode"][0]


# The window begins once waves that are damped faster have gone. At k = 0.3 resonant particles are trapped within
# 1/√α of the start, which must be long against 1/|γ|; and they are few, which takes many particles.
@pytest.mark.parametrize(
    ("k", "amplitude", "particles", "dt", "window", "frequency", "rate"),
    [
        (0.5, 0.01, 300_000, 0.1, (7, 25), 1.415662, -0.153359),
        (0.4, 0.01, 300_000, 0.1, (7, 30), 1.285057, -0.066128),
        (0.3, 0.0005, 1_000_000, 0.1, (10, 40), 1.159846, -0.012620),
    ],
)
def test_landau_damping(k, amplitude, particles, dt, window, frequency, rate):
    fit = fit_exponential(*first_mode(Maxwellians(), k, amplitude, particles, dt, window[1]), window)
    assert fit.rate == pytest.approx(rate, rel=0.01)
    assert fit.frequency == pytest.approx(frequency, rel=0.001)


@pytest.mark.parametrize(("drift", "rate"), [(2.4, 0.225843), (3.0, 0.284510)])
def test_two_stream_growth_in_two_windows(drift, rate):
    streams = Maxwellians((0.5, 0.5), (drift, -drift), (1.0, 1.0))
    times, mode = first_mode(streams, 0.2, 1e-5, 300_000, 0.1, 45)
    size = np.abs(mode)
    lowest = size.argmin()
    end = times[np.argmax(size > 0.1 * size.max())]
    for factor in (100, 300):
        begin = times[lowest + np.argmax(size[lowest:] > factor * size[lowest])]
        assert end - begin > 3 / rate
        assert fit_exponential(times, mode, (float(begin), float(end)), oscillating=False).rate == pytest.approx(
            rate, rel=0.01
        )
