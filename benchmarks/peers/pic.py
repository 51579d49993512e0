"""Particle-in-cell: Landau damping.

A plasma wave at k λ_D = 0.5 with amplitude 0.02 in a box of one wavelength: 16 000 electrons of equal weight from one
quiet start, 64 cells, ω_p dt = 0.1, 200 steps, float64. The error is that of the damping rate, fitted to the first mode
of the field from ω_p t = 5 to 20, against the exact root of the dispersion relation. JAX-in-Cell moves electrons in
three velocity components through Maxwell's equations with splines of second order; here two components are zero, so the
problem is the electrostatic one, its ions are 64 fixed charges at the nodes, its digital filter is off, and its output
holds every state of every particle. We are therefore measured twice: with the field alone, as a damping rate needs, and
with every state kept too. The NumPy code has our scheme, linear splines and a Fourier field, with `bincount` for
charges and one array operation after another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .comparison import Comparison, Task

WAVENUMBER, AMPLITUDE = 0.5, 0.02
LENGTH = 2 * math.pi / WAVENUMBER
PARTICLES, CELLS, DT, STEPS, WINDOW = 16_000, 64, 0.1, 200, (5.0, 20.0)


def start() -> tuple[np.ndarray, np.ndarray]:
    """Positions in [0, LENGTH) and velocities in thermal speeds, (particle,)."""
    from kineticbench.contracts import Quiet
    from kineticbench.numerics.maxwellians import Maxwellians
    from kineticbench.numerics.perturbed_plasma import PerturbedPlasma

    drawn = PerturbedPlasma(Maxwellians(), WAVENUMBER, AMPLITUDE).sample(Quiet(), PARTICLES, 0)
    assert drawn.positions is not None
    return np.asarray(drawn.positions[0, :, 0]), np.asarray(drawn.velocities[0, :, 0])


def rate_error(times: np.ndarray, mode: np.ndarray) -> float:
    """|γ/γ* − 1| of a series of the field's first mode."""
    from kineticbench.numerics.dispersion import dominant_wave
    from kineticbench.numerics.exponential_fit import fit_exponential
    from kineticbench.numerics.maxwellians import Maxwellians

    true = dominant_wave(WAVENUMBER, Maxwellians()).growth_rate
    return abs(fit_exponential(times, mode, WINDOW).rate / true - 1)


def ours(device: str, keep: bool = False, steps: int = STEPS) -> Task:
    """Our loops: compiled on a CPU, JAX on a GPU."""
    from kineticbench.numerics import pic

    simulate: Callable[..., Any] = pic.simulate
    if device == "gpu":
        from kineticbench.numerics import pic_jax

        simulate = pic_jax.simulate
    q, p = (array[None] for array in start())
    setting, records = pic.Setting(LENGTH, CELLS, LENGTH, DT), range(steps + 1)
    stops = records if keep else []

    def error(answer: Any) -> float:
        return rate_error(DT * np.arange(steps + 1), np.asarray(answer[2]["field_mode"])[0])

    return Task(lambda: simulate(q, p, None, setting, stops, records), error, PARTICLES * steps)


def jax_in_cell(device: str) -> Task:
    """The same in SI units: a box of a metre and thermal speed c/100, which gives ω_p and the particles' weight."""
    from jaxincell import Simulation  # pyright: ignore[reportMissingImports]

    c, charge, mass, epsilon_0 = 2.99792458e8, 1.60217663e-19, 9.10938371e-31, 8.85418782e-12  # its constants
    q, p = start()
    thermal = 0.01 * c
    plasma_frequency = thermal * 2 * math.pi / WAVENUMBER
    weight = plasma_frequency**2 * epsilon_0 * mass / (charge**2 * PARTICLES)
    dt = DT / plasma_frequency

    def along_x(values: np.ndarray) -> np.ndarray:
        return np.stack([values, np.zeros_like(values), np.zeros_like(values)], axis=1)

    nodes = (np.arange(CELLS) + 0.5) / CELLS - 0.5
    simulation = Simulation(
        {
            "domain_parameters": {
                "length": 1.0,
                "number_grid_points": CELLS,
                "total_steps": STEPS,
                "timestep_over_spatialstep_times_c": dt * c * CELLS,
            },
            "species_parameters": {
                "electrons": {
                    "electrons0": {
                        "number_pseudoparticles": PARTICLES,
                        "weight": weight,
                        "initial_positions": along_x(q / LENGTH - 0.5),
                        "initial_velocities": along_x(p * thermal),
                    }
                },
                "ions": {
                    "ions0": {
                        "number_pseudoparticles": CELLS,
                        "weight": weight * PARTICLES / CELLS,
                        "mass_over_proton_mass": 1e12,
                        "initial_positions": along_x(nodes),
                        "initial_velocities": along_x(np.zeros(CELLS)),
                    }
                },
            },
            "solver_parameters": {"print_info": False, "filter_passes": 0},
        }
    )

    def error(answer: Any) -> float:
        field = np.asarray(answer["electric_field"])[:, :, 0]
        return rate_error(DT * np.arange(1, STEPS + 1), np.fft.fft(field, axis=1)[:, 1] / CELLS)

    def call() -> Any:
        answer = simulation.run()
        return {name: answer[name] for name in ("electric_field", "positions", "velocities")}

    return Task(call, error, PARTICLES * STEPS)


def plain(q: np.ndarray, p: np.ndarray, steps: int, cells: int = CELLS, dt: float = DT) -> np.ndarray:
    """The first mode of the field after every step, in NumPy as one writes it down."""
    dx, number = LENGTH / cells, len(q)
    k = 2 * np.pi * np.fft.rfftfreq(cells, dx)
    modes = np.empty(steps + 1, complex)

    def field(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        left = np.floor(q / dx).astype(int)
        share = q / dx - left
        charge = np.bincount(left % cells, 1 - share, cells) + np.bincount((left + 1) % cells, share, cells)
        transform = np.fft.rfft(charge * (LENGTH / number / dx))
        transform[1:] /= 1j * k[1:]
        transform[0] = transform[-1] = 0
        on_nodes = np.fft.irfft(transform, cells)
        return transform, (1 - share) * on_nodes[left % cells] + share * on_nodes[(left + 1) % cells]

    transform, force = field(q)
    modes[0] = transform[1] / cells
    for step in range(1, steps + 1):
        p = p + dt / 2 * force
        q = (q + dt * p) % LENGTH
        transform, force = field(q)
        p = p + dt / 2 * force
        modes[step] = transform[1] / cells
    return modes


def numpy_code(device: str) -> Task:
    """`plain` on the same start."""
    q, p = start()
    return Task(
        lambda: plain(q, p, STEPS), lambda modes: rate_error(DT * np.arange(STEPS + 1), modes), PARTICLES * STEPS
    )


_MEASURE, _UNIT = "damping rate, relative", "particle-step"

COMPARISONS = (
    Comparison(
        "jax-in-cell",
        "damping rate from the field's first mode",
        _UNIT,
        _MEASURE,
        "JAX-in-Cell",
        "jaxincell",
        ours,
        jax_in_cell,
        ("cpu", "gpu"),
        target=50,
    ),
    Comparison(
        "jax-in-cell, all states",
        "the same, positions and velocities after every step kept",
        _UNIT,
        _MEASURE,
        "JAX-in-Cell",
        "jaxincell",
        partial(ours, keep=True),
        jax_in_cell,
        ("cpu", "gpu"),
    ),
    Comparison(
        "numpy", "damping rate from the field's first mode", _UNIT, _MEASURE, "NumPy", "numpy", ours, numpy_code
    ),
)
