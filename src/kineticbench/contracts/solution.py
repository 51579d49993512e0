"""What a solver returns: arrays only, so that it can be stored and scored again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .checks import all_finite
from .errors import Diverged
from .problem import Problem, Query


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Particles at the query's times; NumPy, JAX or torch arrays.

    Parameters
    ----------
    positions
        (time, case, particle, d_x), in the box where it is periodic; None where the equation is homogeneous.
    velocities
        (time, case, particle, d_v).
    weights
        (case, particle); constant in time.
    """

    positions: Any
    velocities: Any
    weights: Any


@dataclass(frozen=True, eq=False)
class Solution:
    """Arrays on any device, NumPy, JAX or torch. Whatever a solver does not compute stays None or empty.

    Parameters
    ----------
    trajectory
        Particles at `query.times`.
    score
        ∇ log f at the particles, (time, case, particle, d).
    point_score
        ∇ log f at `query.points`, (time, case, point, d).
    density
        f at `query.points`, (time, case, point).
    particle_density
        f at the particles, (time, case, particle), where a method carries it along the trajectories.
    series
        Scalars at `query.series`, each (case, step): "mass" Σw; "energy", for a homogeneous equation ½Σw|v|²;
        "momentum", for one |Σ w (v − v(0))|. Vlasov–Poisson: "field_energy" = ½∫E²dq; "field_mode", complex, the first
        Fourier coefficient (1/L)∫E e^(−2πiq/L) dq of the field. Landau: "entropy" ∫ f ln f as the method itself
        defines it, and "dissipation", its rate Σ w s·U ≤ 0.
    diagnostics
        Named arrays of any shape: loss curve, learned mass, certificate.
    """

    trajectory: Trajectory | None = None
    score: Any = None
    point_score: Any = None
    density: Any = None
    particle_density: Any = None
    series: Mapping[str, Any] = field(default_factory=dict)
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self) -> dict[str, Any]:
        """Every array under a path-like name ("trajectory/positions", "series/field_energy"), in a fixed order."""
        trajectory = self.trajectory or Trajectory(None, None, None)
        named = {
            "trajectory/positions": trajectory.positions,
            "trajectory/velocities": trajectory.velocities,
            "trajectory/weights": trajectory.weights,
            "score": self.score,
            "point_score": self.point_score,
            "density": self.density,
            "particle_density": self.particle_density,
            **{f"series/{name}": value for name, value in self.series.items()},
            **{f"diagnostics/{name}": value for name, value in self.diagnostics.items()},
        }
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Solution:
        """The inverse of `arrays`."""

        def group(prefix: str) -> dict[str, Any]:
            return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}

        trajectory = group("trajectory/")
        return cls(
            trajectory=Trajectory(trajectory.get("positions"), trajectory["velocities"], trajectory["weights"])
            if trajectory
            else None,
            score=arrays.get("score"),
            point_score=arrays.get("point_score"),
            density=arrays.get("density"),
            particle_density=arrays.get("particle_density"),
            series=group("series/"),
            diagnostics=group("diagnostics/"),
        )


def check(solution: Solution, problem: Problem, ensemble: Any) -> None:
    """Raise `Diverged` unless a solution (of NumPy arrays) is finite and has the shape and times asked for.

    Parameters
    ----------
    solution
        What the solver returned, copied to NumPy.
    problem
        What it was asked.
    ensemble
        The particles it started from, or None.
    """
    equation, query = problem.equation, problem.query
    for name, shape in _expected_shapes(query, equation.position_dimension, equation.velocity_dimension).items():
        array = solution.arrays().get(name)
        if array is None:
            continue
        if ensemble is not None:
            known = {"case": ensemble.cases, "particle": ensemble.particles}
            shape = tuple(known.get(n, n) if isinstance(n, str) else n for n in shape)
        fits = len(shape) == array.ndim and all(
            isinstance(want, str) or want == got for want, got in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise Diverged(f"{name} must have shape {shape}, got {array.shape}.", "Answer every time of the query.")
    for name, series in solution.series.items():
        if series.ndim != 2 or series.shape[1] != query.series.size:
            raise Diverged(
                f"series {name!r} must have shape (case, {query.series.size}), got {series.shape}.",
                "Answer every time of query.series.",
            )
    for name, array in solution.arrays().items():
        if not name.startswith("diagnostics/") and not all_finite(array):
            raise Diverged(f"{name} has values that are not finite.", "Try a smaller step.")
    if solution.trajectory is None and solution.density is None and not solution.series:
        raise Diverged("The solution is empty.", "Return a trajectory, a density or a series.")


def _expected_shapes(query: Query, d_x: int, d_v: int) -> dict[str, tuple[int | str, ...]]:
    times, d = query.times.size, d_x + d_v
    points = 0 if query.points is None else len(query.points)
    return {
        "trajectory/positions": (times, "case", "particle", d_x),
        "trajectory/velocities": (times, "case", "particle", d_v),
        "trajectory/weights": ("case", "particle"),
        "score": (times, "case", "particle", d),
        "point_score": (times, "case", points, d),
        "density": (times, "case", points),
        "particle_density": (times, "case", "particle"),
    }
