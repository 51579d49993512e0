"""Where the error of PINN–PM comes from, each source taken away on its own: `python benchmarks/pinn_pm_errors.py`.

On the BKW solution, whose score and flow are known exactly, four trainings of one setting and seed:

    learned            as the solver does it
    exact score        ∇ log f in the place of s_θ in U: what the flow's network, optimiser and sampling leave
    more particles     four times the batch in every sum
    exact flow         T in the place of T_φ where the score learns: what score matching itself leaves

The same updates with the same rates; nothing here may be used by a solver. A table, and with --json a file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kineticbench import catalog
from kineticbench.contracts import Law, Problem
from kineticbench.numerics.bkw import shape

if TYPE_CHECKING:  # asv looks into this file too, which is to cost nothing
    from kineticbench.numerics.particle_residual import Units
    from kineticbench.numerics.pinn_answers import Answers

VARIANTS = ("learned", "exact score", "more particles", "exact flow")
MORE = 4
WITNESSES = 8192


@dataclass(frozen=True, eq=False)
class Truth:
    """The BKW solution in the units of a training."""

    problem: Problem
    law: Law
    excess: float
    units: Units

    @classmethod
    def of(cls, dimension: int) -> Truth:
        """Of the dataset with its usual parameters."""
        from kineticbench.numerics.particle_residual import Units

        dataset: Any = catalog.build("datasets", "bkw", {"dimension": dimension})
        problem, law = dataset.problem(), dataset.reference(dataset.problem()).law
        assert law is not None
        excess = shape(dimension, dataset.strength, dataset.start_time).excess
        return cls(problem, law, excess, Units.of(problem.initial_density, problem.query.final_time))

    def score(self, tau: Any, x: Any) -> Any:
        """∇ log f = (−1/K + 2Q/(P + Qr²)) v in these units, as JAX arrays; (n, 1), (n, d) → (n, d)."""
        import jax.numpy as jnp

        d, v = x.shape[1], x * self.units.sigma + jnp.asarray(self.units.mean, x.dtype)
        rate = 2 * (d - 1) * self.problem.equation.strength  # type: ignore[attr-defined]
        k = 1 - self.excess * jnp.exp(-rate * self.units.horizon * tau)
        p, q = ((d + 2) * k - d) / (2 * k), (1 - k) / (2 * k**2)
        bent = 2 * q / jnp.maximum(p + q * (v**2).sum(1, keepdims=True), 1e-12)
        return (bent - 1 / k) * v * self.units.sigma

    def flow(self, tau: float, x: np.ndarray) -> np.ndarray:
        """T in these units."""
        assert self.law.flow is not None
        v = x.astype(float) * self.units.sigma + self.units.mean
        return self.units.scaled(self.law.flow(float(tau) * self.units.horizon, v))


def errors(truth: Truth, answers: Answers, t: float) -> dict[str, float]:
    """Trajectories in units of the displacement, the score on exact samples, and energy, at time t."""
    law = truth.law
    assert law.flow is not None and law.sample is not None and law.score is not None  # noqa: PT018
    begin, later = law.sample(0.0, WITNESSES, 1), law.sample(t, WITNESSES, 2)
    true, found = law.flow(t, begin), answers.moved(t, begin)
    score = law.score(t, later)
    return {
        "trajectory": _size(found - true) / _size(true - begin),
        "score": _size(answers.score(t, later) - score) / _size(score),
        "energy": float((found**2).sum() / (begin**2).sum() - 1),
    }


def measure(truth: Truth, variant: str, solver: Any, seed: int) -> dict[str, Any]:
    """Train one variant; its errors at every snapshot after the first."""
    from kineticbench.numerics.particle_residual import ParticleLearner, Sampling
    from kineticbench.numerics.pinn_answers import Answers
    from kineticbench.numerics.training import Plan, train

    sampling = Sampling(solver.batch, solver.slices, fresh=True, matching=solver.matching)
    if variant == "more particles":
        sampling = replace(sampling, particles=MORE * solver.batch)
    learner = ParticleLearner(
        truth.problem.initial_density,  # type: ignore[arg-type]
        truth.problem.equation,  # type: ignore[arg-type]
        truth.units,
        (solver.width, solver.depth),
        sampling,
        seed,
        "cpu",
        exact_score=truth.score if variant == "exact score" else None,
        exact_flow=truth.flow if variant == "exact flow" else None,
    )
    begun = time.perf_counter()
    train(learner, Plan(solver.updates, solver.rate, 0.03))
    seconds = time.perf_counter() - begun
    answers = Answers(learner.result(), truth.units, truth.problem.initial_density, "cpu", "float64")
    times = truth.problem.query.times[1:].tolist()
    found = [errors(truth, answers, t) for t in times]
    return {
        "variant": variant,
        "seed": seed,
        "times": times,
        "seconds": seconds,
        "particles_batch": sampling.drawn,
        "particles_distinct": sampling.distinct(solver.updates),
        **{name: [at[name] for at in found] for name in found[0]},
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown; the flow is no part of "exact flow", whose trajectories are not shown."""
    times = rows[0]["times"]
    heads = [f"{what} t={t:g}" for what in ("trajectory/displacement", "score") for t in times]
    lines = ["| | seed | " + " | ".join([*heads, "s"]) + " |", "|---" * (len(heads) + 3) + "|"]
    for row in rows:
        shown = ["—" if row["variant"] == "exact flow" else f"{100 * e:.1f} %" for e in row["trajectory"]]
        shown += [f"{100 * e:.1f} %" for e in row["score"]]
        lines.append(f"| {row['variant']} | {row['seed']} | " + " | ".join([*shown, f"{row['seconds']:.0f}"]) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure every variant under every seed, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dimension", type=int, default=2)
    parser.add_argument("--updates", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    truth = Truth.of(asked.dimension)
    solver: Any = catalog.build("solvers", "pinn_pm", {"updates": asked.updates, "batch": asked.batch})
    rows = []
    for variant in asked.variants:
        for seed in range(asked.seeds):
            rows.append(measure(truth, variant, solver, seed))
            if asked.json:
                asked.json.write_text(json.dumps({"parameters": catalog.parameters(solver), "rows": rows}, indent=1))
    sys.stdout.write(table(rows) + "\n")


def _size(vectors: np.ndarray) -> float:
    return float(np.sqrt((vectors**2).sum(1).mean()))


if __name__ == "__main__":
    main(sys.argv[1:])
