"""Folders of records that differ in what a test of comparisons wants."""

import importlib.util
from pathlib import Path

import numpy as np

_SPEC = importlib.util.spec_from_file_location("factory", Path(__file__).parents[1] / "site" / "record_factory.py")
assert _SPEC is not None
assert _SPEC.loader is not None
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)

SOLVERS = ("blob", "grid", "langevin", "nhf", "pic", "sbtm", "sheets")


def folder(seed=0, runs=3, slower=None, worse=None, broken=None, **more):
    """Records of seven solvers; one may be `slower`, or have a `worse` error, or a `broken` invariant."""
    random, made = np.random.default_rng(seed), []
    for run in range(runs):
        speed = random.lognormal(0, 0.3)  # the machine's, which the reference kernel sees too
        for solver in SOLVERS:
            warm = 0.1 * speed * random.lognormal(0, 0.03) * (1.5 if solver == slower else 1)
            errors = {"w1": 0.04 * (1.1 if solver == worse else 1), "drift": 1e-6 if solver == broken else 1e-15}
            record = factory.record(
                solver, errors=errors, floor=0.0, warm=warm, run=f"20261122T12000{run}Z-0001", **more
            )
            kernel = [0.01 * speed, 0.0102 * speed]
            made.append(record.model_copy(update={"solve": record.solve.model_copy(update={"kernel_s": kernel})}))
    return made
