"""How well a solver that learns a Hamiltonian H = a² Σ p²/2 + V(q) has recovered the true one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..contracts import InvalidInput, Metric, Problem, Reference, Score, Solution, VlasovPoisson
from ._bars import bar_and_floor


class LearnedForce(Metric):
    """Relative L2 error of the learned force −∂V/∂q at the start of the first cases, against the exact sheet force.

        ‖F − E‖₂ / ‖E‖₂ over the particles of a case

    `Score.extra` has "slope", Σ F E / Σ E² over all of them: 1 where the force is right on average, 0.9 where it is a
    tenth too weak. Cases: as many of the first as `solution.diagnostics["force"]`, (case, particle), holds.
    """

    name: ClassVar[str] = "learned_force"
    label: ClassVar[str] = "Error of the learned force, relative"
    requires: ClassVar[tuple[str, ...]] = ("solution.diagnostics.force", "problem.ensemble.positions")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score the start of the first cases."""
        from ..numerics.sheets import forces

        equation, ensemble = problem.equation, problem.ensemble
        assert ensemble is not None
        assert ensemble.positions is not None
        if not isinstance(equation, VlasovPoisson):
            raise InvalidInput(f"{self.name} knows the true force of vlasov_poisson only, not of {equation.name}.")
        learned = np.asarray(solution.diagnostics["force"], dtype=np.float64)
        if learned.ndim != 2 or len(learned) > ensemble.cases or learned.shape[1] != ensemble.particles:
            raise InvalidInput(
                f"diagnostics['force'] must have shape (case, {ensemble.particles}) with at most {ensemble.cases} "
                f"cases, got {learned.shape}."
            )
        first = ensemble.take(slice(len(learned))).astype("float64")
        assert first.positions is not None
        true = forces(first.positions[..., 0], first.weights, equation.length, equation.charge)
        value = np.linalg.norm(learned - true, axis=-1) / np.linalg.norm(true, axis=-1)
        slope = float((learned * true).sum() / (true * true).sum())
        bar, floor = bar_and_floor(reference, self.name, 1)
        return Score(np.zeros(1), value[None], floor, bar, {"slope": slope})


class LearnedKinetic(Metric):
    """Error of the learned kinetic coefficient, |a² − 1|: one figure for the whole fit, given as that of one case.

    `Score.extra` has "coefficient", a² itself.
    """

    name: ClassVar[str] = "learned_kinetic"
    label: ClassVar[str] = "Error of the learned kinetic coefficient"
    requires: ClassVar[tuple[str, ...]] = ("solution.diagnostics.kinetic_coefficient",)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score the fit."""
        coefficient = np.asarray(solution.diagnostics["kinetic_coefficient"], dtype=np.float64)
        if coefficient.size != 1:
            raise InvalidInput(
                f"diagnostics['kinetic_coefficient'] must hold one number, got shape {coefficient.shape}."
            )
        bar, floor = bar_and_floor(reference, self.name, 1)
        learned = float(coefficient.reshape(()))
        return Score(np.zeros(1), np.full((1, 1), abs(learned - 1.0)), floor, bar, {"coefficient": learned})
