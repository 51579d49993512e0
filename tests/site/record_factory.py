"""Synthetic records that look like real ones."""

import hashlib
import json

import numpy as np

from kineticbench.results.record import Record

MACHINE = {
    "id": "0a1b2c3d4e5f",
    "cpu": "Example CPU 9000",
    "cores": 2,
    "memory_bytes": 8 * 2**30,
    "gpu": None,
    "system": "Linux",
}
OTHER = {**MACHINE, "id": "ffffffffffff", "cpu": "Another CPU"}
TIMES = [0.2, 0.4, 0.6, 0.8, 1.0]


def scores(error, random, cases=6384, times=TIMES, floor=1e-4, spread=0.3, hard=None):
    """Values of one metric whose error grows to `error` at the last time."""
    sizes = min(64, cases)
    hard = np.random.default_rng(0).lognormal(0, 0.3, sizes) if hard is None else hard
    blocks = []
    for time in times:
        noise = random.normal(1, spread / max(1, cases / sizes) ** 0.5, sizes)
        blocks.append([abs(float(v)) for v in error * (time / times[-1]) * hard / hard.mean() * noise])
    return {
        "times": list(times),
        "mean": [float(np.mean(row)) for row in blocks],
        "floor": [floor] * len(times),
        "bar": [floor] * len(times),
        "blocks": blocks,
    }


def record(
    solver="pic",
    setting="5 steps",
    parameters=None,
    *,
    dataset="gaussian_ensemble",
    dataset_parameters=None,
    cases=6384,
    errors=None,
    seed=0,
    warm=0.1,
    cold=None,
    data=0.0,
    fit=0.0,
    family="classical",
    amortised=None,
    fit_hardware=None,
    state="ok",
    reason=None,
    hardware=MACHINE,
    run="20261122T120000Z-0001",
    floor=1e-4,
    times=TIMES,
    **more,
):
    """One valid record; `errors` maps metrics to their mean error at the last time."""
    parameters = {} if parameters is None else parameters
    settings = {
        "dataset": {
            "name": dataset,
            "parameters": dataset_parameters or {},
            "split": "test",
            "cases": cases,
            "seed": 0,
        },
        "solver": {"name": solver, "setting": setting, "parameters": parameters},
        "seed": seed,
        "device": "cpu",
        "threads": 2,
        "precision": "float64",
    }
    cell = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    random = np.random.default_rng(int(cell[:8], 16))
    errors = {"w1_position": 0.04, "w1_momentum": 0.06} if errors is None else errors
    good = state == "ok"
    values = {name: scores(error, random, cases, times, floor) for name, error in errors.items()}
    cold = warm * 3 + 0.5 if cold is None else cold
    return Record.model_validate(
        {
            "schema": "kineticbench/record/1",
            "cell": cell,
            "run": run,
            "state": state,
            "reason": reason,
            "settings": settings,
            "family": family,
            "limits": {"seconds": 600, "bytes": 8_000_000_000},
            "command": f"kineticbench run quick --only {cell[:12]}",
            "code": {"hash": "c" * 64, "commit": "d" * 40, "dirty": False},
            "fit": {
                "id": None,
                "amortised": family == "learned" if amortised is None else amortised,
                "data_s": data,
                "fit_s": fit,
                "hardware": fit_hardware or hardware["id"],
            }
            if good
            else None,
            "solve": {
                "cases": cases,
                "cold_s": cold,
                "fresh": True,
                "warm_s": [warm * f for f in (1.0, 0.98, 1.05, 1.01, 0.99)],
                "home_s": [warm * 0.01],
                "peak_bytes": 412_000_000,
                "baseline_bytes": 210_000_000,
                "kernel_s": [0.011, 0.0112],
            }
            if good
            else None,
            "metrics": {"code": "e" * 64, "names": list(errors), "values": values, "missing": {}} if good else None,
            "hardware": hardware,
            "packages": {"python": "3.11.9", "numpy": "2.3.0"},
            "stored": {"solution": None, "log": "logs/x.txt"},
            **more,
        }
    )


def suite():
    """The records of a small suite: two datasets, classical and learned methods, several seeds, failures."""
    made = []

    def add(*args, **kwargs):
        made.append(record(*args, **kwargs))

    generator = {"generator": "sheets", "particles": 256}
    gauss = {"dataset": "gaussian_ensemble", "dataset_parameters": generator}
    for steps, error in ((1, 0.158), (2, 0.092), (5, 0.040), (25, 0.0081)):
        add("sheets", f"{steps} steps", {"steps": steps}, errors=both(error, 1.7), warm=0.023 * steps, **gauss)
    for dx, dt, error in ((1.0, 0.04, 0.193), (0.5, 0.02, 0.066), (0.125, 0.004, 0.014)):
        label = f"dx={dx}, dt={dt}"
        warm = 0.04 / dt * 0.6
        add("pic", label, {"dx": dx, "dt": dt}, errors=both(error, 1.4), warm=warm, **gauss)
    for steps in (5, 25):
        for seed in (0, 1, 2):
            error = (0.0445 if steps == 5 else 0.0408) * (1 + 0.04 * (seed - 1))
            add(
                "pde_nhf",
                f"{steps} steps",
                {"steps": steps},
                seed=seed,
                errors={**both(error, 1.9), "learned_force": 0.02},
                warm=0.09 * steps,
                data=1.1,
                fit=58.0,
                family="learned",
                **gauss,
            )
    add(
        "mlp",
        "default",
        {"width": 192},
        errors=both(0.31, 1.3),
        warm=0.02,
        data=1.1,
        fit=41.0,
        family="learned",
        **gauss,
    )
    add("identity", "default", {}, errors=both(1.72, 1.47), warm=0.0006, **gauss)
    add("vlasov_grid", "64×64", {"n": 64}, state="unsupported", reason="Needs a density to start from.", **gauss)
    landau = {"dataset": "landau_damping", "dataset_parameters": {"k": 0.5, "amplitude": 0.01}, "cases": 1}
    landau |= {"times": [20.0], "floor": 1e-6}
    for n, error in ((32, 0.02), (64, 0.004), (128, 0.0007)):
        add("vlasov_grid", f"{n}×{2 * n}", {"n": n}, errors=rates(error), warm=2e-5 * n**2, **landau)
    for particles, error in ((10_000, 0.06), (100_000, 0.02), (1_000_000, 0.006)):
        for seed in (0, 1, 2):
            wobble = error * (1 + 0.2 * (seed - 1))
            label = f"{particles} particles"
            add(
                "pic", label, {"particles": particles}, seed=seed, errors=rates(wobble), warm=3e-6 * particles, **landau
            )
    add("sheets", "default", {}, state="timeout", reason="Ran longer than 600 s.", **landau)
    add("pic", "dt=2", {"dt": 2.0}, state="diverged", reason="series 'field_energy' is not finite.", **landau)
    return made


def both(error, ratio):
    """Errors of positions and momenta."""
    return {"w1_position": error, "w1_momentum": error * ratio}


def rates(error):
    """Errors of rate and frequency."""
    return {"growth_rate": error, "frequency": error / 4}
