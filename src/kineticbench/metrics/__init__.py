"""Metrics by name, each imported when it is first asked for.

A metric is called with a solution, the reference and the problem, and returns a `Score` for each time and case.
`missing` says beforehand why it cannot be.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from ..contracts import Metric, Problem, Reference, Solution, UnknownName

__all__ = ["REGISTRY", "load", "missing", "names"]

REGISTRY: dict[str, str] = {
    "w1_position": "wasserstein:PositionW1",
    "w1_momentum": "wasserstein:MomentumW1",
    "w2_phase_space": "phase_space:PhaseSpaceW2",
    "drift_mass": "invariants:MassDrift",
    "drift_momentum": "invariants:MomentumDrift",
    "drift_energy": "invariants:EnergyDrift",
    "learned_force": "hamiltonian:LearnedForce",
    "learned_kinetic": "hamiltonian:LearnedKinetic",
    "growth_rate": "rates:GrowthRate",
    "frequency": "rates:Frequency",
    "field_energy": "rates:FieldEnergy",
    "density_l2": "density:DensityL2",
    "density_l1": "density:DensityL1",
    "density_linf": "density:DensityLinf",
    "density_particles": "along_particles:DensityParticles",
    "score_error": "along_particles:ScoreError",
    "trajectory_error": "trajectory:TrajectoryError",
    "w1_marginals": "velocity_laws:MarginalsW1",
    "sliced_w2": "velocity_laws:SlicedW2",
    "w2_velocity": "velocity_laws:VelocityW2",
    "covariance": "moments:Covariance",
    "fourth_moment": "moments:FourthMoment",
    "entropy_nn": "entropy:NearestNeighbourEntropy",
    "entropy_own": "entropy:OwnEntropy",
    "dissipation": "entropy:Dissipation",
    "entropy_violation": "entropy:EntropyViolation",
}


def names() -> tuple[str, ...]:
    """Every metric's name."""
    return tuple(REGISTRY)


def load(name: str) -> Metric:
    """The metric of that name, with its default parameters.

    Raises
    ------
    UnknownName
        For a name that no metric has.
    """
    if name not in REGISTRY:
        raise UnknownName.among("metric", name, REGISTRY)
    module, _, cls = REGISTRY[name].partition(":")
    return getattr(importlib.import_module(f".{module}", __name__), cls)()


def missing(metric: Metric, solution: Solution, reference: Reference, problem: Problem) -> str | None:
    """A sentence that names what the metric requires and does not find, or None where all is there.

    A path such as "solution.series.field_mode" is followed through attributes and mapping keys; None, an absent key
    and an absent attribute are missing alike. Of alternatives ("solution.trajectory | solution.series.energy") one is
    enough.
    """
    roots = {"solution": solution, "reference": reference, "problem": problem}
    for path in metric.requires:
        alternatives = [alternative.strip() for alternative in path.split("|")]
        if all(_follow(roots, alternative) is None for alternative in alternatives):
            holders = {alternative.partition(".")[0]: None for alternative in alternatives}
            what = " or ".join(alternative.partition(".")[2] for alternative in alternatives)
            return f"The {' and the '.join(holders)} {'has' if len(holders) == 1 else 'have'} no {what}."
    return None


def _follow(root: Any, path: str) -> Any:
    found = root
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
        if found is None:
            return None
    return found
