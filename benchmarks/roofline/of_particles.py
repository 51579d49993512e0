"""Cases of the roofline: kernels that march particles one by one, and what sorts them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import counts
from .model import Case, Counts, sized

BOX = {"length": 128.0, "cells": 128, "charge": 25.6}


def clouds(cases: int, precision: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions and momenta like those of the Gaussian ensemble, 256 particles a case."""
    random = np.random.default_rng(0)
    std = random.uniform(0.5, 1.5, (2, cases, 1))
    q, p = std * random.standard_normal((2, cases, 256))
    return (q + 64).astype(precision), p.astype(precision)


def pic_streaming(scale: float, threads: int) -> Iterator[Case]:
    """One case of many particles that fill the box: in memory, and in the second-level caches."""
    from kineticbench.numerics.pic import Setting, simulate

    setting = Setting(4 * np.pi, 128, 4 * np.pi, 0.05)
    for precision in ("float32", "float64"):
        for particles, steps in ((10**7, 10), (10**5, 1000)):
            particles, steps = int(particles * scale), max(2, int(steps * scale))
            random = np.random.default_rng(0)
            q = (random.random((1, particles)) * 4 * np.pi * (1 - 1e-6)).astype(precision)
            p = random.standard_normal((1, particles)).astype(precision)
            footprint = 2 * counts.itemsize(precision) * particles / threads
            yield Case(
                f"PIC, streaming, {precision}",
                f"{particles} particles ({sized(footprint * threads)}), 128 cells",
                "particle-step",
                particles * steps,
                "all",
                counts.pic(precision, footprint),
                lambda q=q, p=p, steps=steps: simulate(q, p, None, setting, [], [steps]),
            )


def pic_resident(scale: float, threads: int) -> Iterator[Case]:
    """The Gaussian ensemble: 256 particles a case, six snapshots of 25 steps."""
    from kineticbench.numerics.pic import trajectories

    for precision in ("float32", "float64"):
        cases, steps = int(8192 * scale), 25
        q, p = clouds(cases, precision)
        stops = list(range(0, steps + 1, 5))
        footprint = 14 * counts.itemsize(precision) * q.size / threads
        window = float(np.mean(np.ptp(q, axis=1))) + 2  # nodes, of a cell's width
        yield Case(
            f"PIC, resident, {precision}",
            f"{cases} cases of 256 particles",
            "particle-step",
            q.size * steps,
            "all",
            counts.pic(precision, footprint, 14 / 4 / steps, window**2 / 256),
            lambda q=q, p=p, stops=stops: trajectories(q, p, **BOX, dt=0.04, stops=stops),
        )


def pic_jax(scale: float, threads: int, device: str = "cpu", cases: int = 1) -> Iterator[Case]:
    """The same march in JAX."""
    import jax

    from kineticbench.numerics.jax_scope import scope
    from kineticbench.numerics.pic import Setting
    from kineticbench.numerics.pic_jax import simulate

    setting = Setting(4 * np.pi, 128, 4 * np.pi, 0.05)
    particles, steps = int(10**7 * scale if device == "gpu" else 10**6 * scale), 50 if device == "gpu" else 5
    for precision in ("float32", "float64"):
        random = np.random.default_rng(0)
        q = (random.random((cases, particles)) * 4 * np.pi * (1 - 1e-6)).astype(precision)
        p = random.standard_normal((cases, particles)).astype(precision)
        with jax.enable_x64(True):
            q, p = (jax.device_put(a, jax.devices(device)[0]) for a in (q, p))

        def call(q=q, p=p) -> object:
            with scope(device, "float64"):  # type: ignore[arg-type]
                return jax.block_until_ready(simulate(q, p, None, setting, [], [steps], q.device))

        yield Case(
            f"PIC in JAX, {precision}",
            f"{particles} particles, 128 cells",
            "particle-step",
            q.size * steps,
            "all",
            counts.pic(precision, 2 * counts.itemsize(precision) * q.size / threads),
            call,
        )


def sheets_events(scale: float, threads: int) -> Iterator[Case]:
    """Crossing by crossing to t = 1, 256 sheets a case."""
    from kineticbench.numerics import sheets

    q, p = clouds(int(512 * scale), "float64")
    w = np.broadcast_to(1 / 256, q.shape)

    def call() -> sheets.March:
        return sheets.exact(q, p, w, length=128.0, charge=25.6, times=np.ones(1))

    found = call().crossings
    assert found is not None
    crossings = int(found.sum())
    yield Case(
        "sheets, events", f"{len(q)} cases of 256 sheets", "crossing", crossings, "all", counts.sheet_crossing(), call
    )


def sheets_leapfrog(scale: float, threads: int) -> Iterator[Case]:
    """25 steps to t = 1."""
    from kineticbench.numerics import sheets

    q, p = clouds(int(2048 * scale), "float64")
    w, steps = np.broadcast_to(1 / 256, q.shape), 25
    found = sheets.exact(q[:32], p[:32], w[:32], length=128.0, charge=25.6, times=np.ones(1)).crossings
    assert found is not None
    crossings = float(found.mean()) / (256 * steps)
    yield Case(
        "sheets, leapfrog",
        f"{len(q)} cases of 256 sheets, {crossings:.2f} crossings a sheet and step",
        "sheet-step",
        q.size * steps,
        "all",
        counts.sheet_step(crossings),
        lambda: sheets.leapfrog(q, p, w, length=128.0, charge=25.6, step=1 / steps, times=np.ones(1)),
    )


def flow(scale: float, threads: int) -> Iterator[Case]:
    """Inference of PDE-NHF, 256 hidden units, 25 steps."""
    import jax
    import jax.numpy as jnp

    from kineticbench.contracts import Ensemble, Query, VlasovPoisson
    from kineticbench.numerics import mean_field
    from kineticbench.numerics.hamiltonian_file import LearnedHamiltonian
    from kineticbench.numerics.jax_scope import scope
    from kineticbench.solvers.pde_nhf import PDENHF, Flow

    cases, steps, hidden = max(2, int(512 * scale)), 25, 256
    random = np.random.default_rng(0)
    q, p = 3 * random.normal(size=(cases, 256)), 4 * random.normal(size=(cases, 256))
    latent, units = mean_field.start(hidden, 0, q, p, 1.0)
    with scope("cpu", "float64"):
        V = jax.tree.map(np.asarray, mean_field.plain(jax.tree.map(jnp.asarray, latent), units))
    reach = float(np.abs(q - q.mean(-1, keepdims=True)).max())
    learned = LearnedHamiltonian.rounded(1.0, V, reach, np.zeros((2, 1)))
    start = Ensemble(np.mod(q, 128.0)[..., None], p[..., None]).astype("float32")
    forms: tuple[tuple[str, int, Counts], ...] = (
        ("tabulated", 256, counts.nhf_tabulated(hidden, 256, 256)),
        ("exact", 0, counts.nhf_exact(hidden, 256)),
    )
    for form, nodes, each in forms:
        propagator = Flow(PDENHF(steps=steps, nodes=nodes), VlasovPoisson(128.0, 25.6), learned, "cpu", "float32")
        yield Case(
            f"PDE-NHF inference, {form}",
            f"{cases} cases of 256 particles",
            "particle-step",
            q.size * steps,
            "all",
            each,
            lambda propagator=propagator: propagator(start, Query(np.ones(1))),
        )


def wasserstein(scale: float, threads: int) -> Iterator[Case]:
    """W1 on the line of 6 384 cases of 256 particles."""
    from kineticbench.metrics.wasserstein import wasserstein_1

    cases = int(6384 * scale)
    x, y = np.random.default_rng(0).normal(64, 2, size=(2, cases, 256))
    each = counts.wasserstein("float64", 16 * x.size / threads)
    size = f"{cases} cases of 256 particles"
    yield Case("Wasserstein, line", size, "sample", 2 * x.size, "all", each, lambda: wasserstein_1(x, y))
