"""The grid solver against linear theory: every printed rate within 0.1 %, and the whole transient."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Query
from kineticbench.numerics.dispersion import waves
from kineticbench.numerics.exponential_fit import fit_exponential
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.verification import Window, pose
from kineticbench.solvers.vlasov_grid import VlasovGrid

BUMP = Maxwellians((0.9, 0.1), (0.0, 4.5), (1.0, 0.5))


def streams(drift: float) -> Maxwellians:
    return Maxwellians((0.5, 0.5), (drift, -drift), (1.0, 1.0))


CASES = [
    (Maxwellians(), 0.5, 1e-4, 40.0, 0.0002),
    (Maxwellians(), 0.4, 1e-4, 40.0, 0.0004),
    (Maxwellians(), 0.3, 1e-4, 40.0, 0.0004),
    (streams(2.4), 0.2, 1e-5, 48.0, 0.0004),
    (streams(3.0), 0.2, 1e-5, 48.0, 0.0004),
    (BUMP, 0.3, 1e-5, 56.0, 0.0003),
]


@pytest.mark.parametrize(("velocities", "k", "amplitude", "final_time", "tolerance"), CASES)
def test_rates_and_frequencies_within_a_tenth_of_a_percent(velocities, k, amplitude, final_time, tolerance):
    plasma = PerturbedPlasma(velocities, k, amplitude)
    problem = pose(plasma, "test", 1, final_time, 0.8, points=False)
    series = VlasovGrid(32, 256, 0.2, 4).fit(problem)(None, problem.query).series
    mode = series["field_mode"][0]
    window = Window.of(plasma, problem.query.series, mode)
    assert window is not None
    oscillating = window.wave.frequency > 0
    fit = fit_exponential(problem.query.series, mode, (window.start, window.end), oscillating, window.companions)
    assert tolerance < 1e-3
    assert fit.rate == pytest.approx(window.wave.growth_rate, rel=tolerance)
    if oscillating:
        assert fit.frequency == pytest.approx(window.wave.frequency, rel=1e-4)


@pytest.mark.parametrize("velocities", [Maxwellians(), streams(2.4), BUMP])
def test_the_transient_is_the_sum_over_all_waves(velocities):
    """Residues at the least damped roots give amplitude and phase too, once the strongly damped ones are gone."""
    plasma = PerturbedPlasma(velocities, 0.3, 1e-6)
    problem = pose(plasma, "test", 1, 20.0, 0.8, points=False)
    mode = VlasovGrid(16, 256, 0.2, 4).fit(problem)(None, problem.query).series["field_mode"][0]
    t = problem.query.series
    theory = 0.5e-6 * sum(w.response * np.exp(-1j * w.omega * t) for w in waves(0.3, velocities, 16))
    late = t >= 6
    assert np.abs(mode - theory)[late].max() < 2e-4 * np.abs(mode[late]).max()
    assert mode[0] == pytest.approx(-0.5e-6j / 0.3)


def test_rates_hold_in_other_units():
    """With charge and length of another plasma, times scale with ω_p = √(Q/L) alone."""
    from kineticbench.contracts import Problem, VlasovPoisson

    plasma = PerturbedPlasma(Maxwellians((1.0,), (0.0,), (3.0,)), 0.5, 1e-4)
    frequency = 3.0
    equation = VlasovPoisson(plasma.length, frequency**2 * plasma.length)
    times = 0.05 * np.arange(241)
    problem = Problem(equation, plasma, None, Query(np.empty(0), times))
    mode = VlasovGrid(16, 256, 0.05, 4).fit(problem)(None, problem.query).series["field_mode"][0]
    wave = waves(0.5, Maxwellians(), 1)[0]
    fit = fit_exponential(times, mode, (2.0, 12.0))
    assert fit.rate == pytest.approx(frequency * wave.growth_rate, rel=1e-3)
    assert fit.frequency == pytest.approx(frequency * wave.frequency, rel=1e-3)
