"""Problems with exact rates: how they are posed, and what is true of them.

Rates and frequencies are exact roots of the dispersion relation. What follows them, and nonlinear stages, is taken from
the phase-space grid at three resolutions: from a file in datasets/references where there is one for these parameters,
else solved when it is asked for and kept in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import kineticbench
from kineticbench.contracts import (
    CorruptFile,
    InvalidInput,
    Problem,
    Query,
    Reference,
    UnknownName,
    VlasovPoisson,
    require_positive,
    whole_steps,
)

from . import references
from .cache import cached
from .convergence import Resolution, converge, doublings
from .dispersion import Wave, waves
from .exponential_fit import fit_exponential
from .perturbed_plasma import PerturbedPlasma

# Time between entries of a series; a multiple of the steps that solvers like to take.
SERIES_STEP = 0.2
# Perturbations from here on are nonlinear from the start, and have no rate.
LINEAR_AMPLITUDE = 0.1
# See `Window`.
_LASTING, _TRANSIENT, _GROWN, _FALL, _SATURATION, _FEWEST = 0.1, 1e-3, 20.0, 1e-2, 0.1, 20
# A rate below this has no meaningful relative error.
_UNDAMPED = 1e-9
# What is solved when nothing is kept, which is also enough for series; and what is kept where f is asked for.
ON_DEMAND = doublings(32, 256, 0.2)
KEPT = doublings(64, 512, 0.2)
# Goes into the cache's key: raise it whenever the phase-space grid's answers change.
_VERSION = 1


def pose(
    plasma: PerturbedPlasma, split: str, cases: int | None, final_time: float, last: float, points: bool
) -> Problem:
    """A problem on the box L = 2π/k in units of ω_p, so Q = L.

    Parameters
    ----------
    plasma
        The start.
    split, cases
        As in `Dataset.problem`: there is the split "test", of one case.
    final_time
        End of the series, which begins at 0 and has steps of 0.2.
    last
        Time of the last of five uniform snapshots, the first being at 0.
    points
        Whether f is asked for: on the centres of 64 × 128 uniform cells over [0, L) and five thermal speeds beyond the
        outermost drifts.

    Raises
    ------
    UnknownName, InvalidInput
        For another split or number of cases, and for times that are not multiples of four steps.
    """
    if split != "test":
        raise UnknownName.among("split", split, ["test"])
    if cases not in (None, 1):
        raise InvalidInput(f"This dataset has one case, got cases = {cases!r}.", "Vary its parameters instead.")
    require_positive("final_time", final_time)
    whole_steps(last, 4 * SERIES_STEP)
    steps = whole_steps(final_time, SERIES_STEP)
    grid = None
    if points:
        low, high = plasma.velocities.support(5.0)
        q = (np.arange(64) + 0.5) * (plasma.length / 64)
        p = low + (np.arange(128) + 0.5) * ((high - low) / 128)
        grid = np.stack(np.meshgrid(q, p, indexing="ij"), axis=-1).reshape(-1, 2)
    series = np.round(SERIES_STEP * np.arange(steps + 1), 12)
    times = np.round(np.linspace(0, last, 5), 12)
    return Problem(VlasovPoisson(plasma.length, plasma.length), plasma, None, Query(times, series, grid))


def truth(dataset: str, parameters: Mapping[str, Any], problem: Problem) -> Reference:
    """The reference of a problem that `pose` made: exact rates with the window to fit them in, and converged series.

    The bars of the rates are what the converged solution scores under the same fit: the share of other waves, and the
    nonlinearity of the perturbation.

    Raises
    ------
    CorruptFile
        Where the file kept for these parameters fails its check sum or answers another query.
    """
    plasma = problem.initial_density
    assert isinstance(plasma, PerturbedPlasma)
    arrays, source = _solution(dataset, parameters, problem)
    mode = arrays["field_mode"][0] + 1j * arrays["field_mode"][1]
    bars = {"field_energy": arrays["field_energy_bar"]}
    if "density" in arrays:
        bars["density_l2"] = arrays["density_bar"]
    values, windows = {}, {}
    if plasma.amplitude < LINEAR_AMPLITUDE:
        values, windows, rate_bars = _rates(plasma, problem.query.series, mode)
        bars |= rate_bars
    exact = "rates: exact roots of the dispersion relation; " if values else ""
    return Reference(
        density=arrays["density"][:, None] if "density" in arrays else None,
        series={"field_energy": arrays["field_energy"][None], "field_mode": mode[None]},
        values=values,
        windows=windows,
        bars=bars,
        provenance=f"{exact}series and density: vlasov_grid at three resolutions, {source}.",
    )


def keep(
    dataset: str,
    parameters: Mapping[str, Any],
    problem: Problem,
    folder: Path = references.FOLDER,
    report: Callable[[Resolution], None] = lambda _: None,
) -> Path:
    """Solve a problem at three resolutions (finer ones where f is asked for) and write the file that `truth` reads."""
    resolutions = ON_DEMAND if problem.query.points is None else KEPT
    arrays = converge(problem, resolutions, report)
    path = references.location(dataset, parameters, folder)
    recipe = {
        "dataset": dataset,
        "parameters": dict(parameters),
        "method": "numerics.convergence.converge",
        "resolutions": [vars(resolution) for resolution in resolutions],
        "version": kineticbench.__version__,
    }
    references.store(path, arrays, recipe)
    return path


@dataclass(frozen=True)
class Window:
    """Where and how the rate of the dominant wave is measured.

    Parameters
    ----------
    wave
        The fastest growing or least damped wave.
    companions
        Exponents −iω of the other waves that last (damped by less than 0.1 ω_p), which are fitted along.
    start
        When every other wave's share has fallen to 10⁻³ of the dominant one's, by their exact responses to the start;
        and, for a growing wave, when it has grown 20-fold.
    end
        When a damped wave has fallen to 1 % since, and a growing one has reached 10 % of its maximum.
    """

    wave: Wave
    companions: tuple[complex, ...]
    start: float
    end: float

    @classmethod
    def of(cls, plasma: PerturbedPlasma, times: np.ndarray, mode: np.ndarray) -> Window | None:
        """The window in a converged series of the first mode; None where too few steps are left for a fit."""
        first, *others = waves(plasma.wavenumber, plasma.velocities, 5)
        others = [w for w in others if abs(w.omega + first.omega.conjugate()) > 1e-9 * abs(first.omega)]
        lasting = [w for w in others if w.growth_rate > -_LASTING]
        start = 0.0
        for wave in others:
            share = abs(wave.response / first.response) / _TRANSIENT
            if wave not in lasting and share > 1:
                start = max(start, math.log(share) / (first.growth_rate - wave.growth_rate))
        if first.growth_rate > 0:
            start = max(start, math.log(_GROWN) / first.growth_rate)
            end = float(times[np.argmax(np.abs(mode) >= _SATURATION * np.abs(mode).max())])
        else:
            end = start + math.log(_FALL) / min(first.growth_rate, -_UNDAMPED)
        start = SERIES_STEP * math.ceil(start / SERIES_STEP)
        end = SERIES_STEP * math.floor(min(end, float(times[-1])) / SERIES_STEP + 1e-9)
        if end - start < _FEWEST * SERIES_STEP:
            return None
        return cls(first, tuple(-1j * w.omega for w in lasting), round(start, 9), round(end, 9))


def _rates(plasma: PerturbedPlasma, times: np.ndarray, mode: np.ndarray) -> tuple[dict, dict, dict]:
    """Values, windows and bars of a reference; empty where no window is long enough."""
    window = Window.of(plasma, times, mode)
    if window is None:
        return {}, {}, {}
    wave, span = window.wave, (window.start, window.end)
    fit = fit_exponential(times, mode, span, wave.frequency > 0, window.companions)
    pairs = {}
    if abs(wave.growth_rate) > _UNDAMPED:
        pairs["growth_rate"] = (wave.growth_rate, fit.rate)
    if wave.frequency > 0:
        pairs["frequency"] = (wave.frequency, fit.frequency)
    values = {name: np.array([exact]) for name, (exact, _) in pairs.items()}
    return (
        {**values, "companions": np.array([window.companions], dtype=complex)},
        dict.fromkeys(pairs, span),
        {name: np.array([abs(fitted - exact) / abs(exact)]) for name, (exact, fitted) in pairs.items()},
    )


def _solution(dataset: str, parameters: Mapping[str, Any], problem: Problem) -> tuple[dict[str, np.ndarray], str]:
    path = references.location(dataset, parameters)
    if not path.exists():
        finest = ON_DEMAND[-1]
        recipe = {"dataset": dataset, "parameters": dict(parameters), "version": _VERSION}
        made = cached(dataset, recipe, lambda: (converge(problem, ON_DEMAND), {}))
        return made.arrays, f"the finest {finest.cells_q} × {finest.cells_p}, dt = {finest.dt:g}"
    arrays, recipe = references.load(path)
    points = 0 if problem.query.points is None else len(problem.query.points)
    expected: dict[str, tuple[int, ...]] = {"field_energy": (problem.query.series.size,)}
    if points:
        expected["density"] = (problem.query.times.size, points)
    for name, shape in expected.items():
        if name not in arrays or arrays[name].shape != shape:
            raise CorruptFile(f"{path} does not hold {name} of shape {shape}.", "Make it again.")
    finest = recipe["resolutions"][-1]
    return arrays, f"the finest {finest['cells_q']} × {finest['cells_p']}, dt = {finest['dt']:g}, from {path.name}"
