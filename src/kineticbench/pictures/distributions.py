"""Distribution functions F(x) = ∫ f over all that lies below x, of positions and of every velocity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..contracts import Problem, Reference, Solution, Trajectory, VlasovPoisson
from ..metrics.wasserstein import wasserstein_1
from .figures import axis as axis_of
from .figures import double, rounded, subscripted
from .grids import Grid, below
from .model import Axis, Curve, Curves, Measure, Panel

NODES = 101
MOST_AXES = 3
MOST_EDGES = 80
_SAMPLES = 1 << 14
_SEED = 141421

At = Callable[[np.ndarray], np.ndarray]
"""A distribution function at every snapshot: (node,) → (time, node)."""


def distributions(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """One panel for positions and one for each of the first three velocities, at the snapshots.

    Solver and truth are each taken from what is known best: particles, the density at the query's grid of points, or
    samples of the true law.
    """
    inside, across = problem.equation.position_dimension, problem.equation.velocity_dimension
    about = Grid.of(problem), _samples(solution, reference, problem)
    panels = (_panel(place, solution, reference, problem, *about) for place in range(inside + min(across, MOST_AXES)))
    return [panel for panel in panels if panel is not None]


def _panel(
    place: int,
    solution: Solution,
    reference: Reference,
    problem: Problem,
    grid: Grid | None,
    samples: np.ndarray | None,
) -> Curves | None:
    inside = problem.equation.position_dimension
    name, title, label = _names(place, inside)
    mine, theirs = (_particles(one.trajectory, place, inside) for one in (solution, reference))
    drawn = None if samples is None or place < inside else samples[..., place - inside]
    found = _of_particles(mine, solution.trajectory) or _of_density(solution.density, grid, place)
    truth = (
        _of_particles(theirs, reference.trajectory)
        or _of_density(reference.density, grid, place)
        or _of_particles(drawn, None)
    )
    if found is None:
        return None
    nodes = _nodes(grid, place, [cloud for cloud in (mine, theirs) if cloud is not None])
    f, known = found(nodes), None if truth is None else truth(nodes)
    frames = []
    for k in range(len(f)):
        curves = [Curve(role="solver", label="solver", values=_decimals(f[k]))]
        if known is not None:
            curves.insert(0, Curve(role="truth", label="truth", values=_decimals(known[k])))
        frames.append(curves)
    measures = []
    if known is not None:
        exact = _exact_distance(place, solution, reference, problem, mine, theirs)
        w1 = np.trapezoid(np.abs(f - known), nodes, axis=1) if exact is None else exact
        measures = [Measure(label=f"W1 of {title.lower()}", values=rounded(w1, 3))]
    return Curves(
        name=name,
        title=f"Distribution of {title.lower()}",
        x=Axis(label=label, low=float(f"{nodes[0]:.5g}"), high=float(f"{nodes[-1]:.5g}")),
        y=Axis(label="share below", low=0.0, high=1.0),
        at=rounded(nodes),
        frames=frames,
        difference=known is not None,
        measures=measures,
    )


def _names(place: int, inside: int) -> tuple[str, str, str]:
    if place < inside:
        return "distribution_q", "Positions", "position q"
    if inside:
        return "distribution_p", "Momenta", "momentum p"
    velocity = subscripted("v", place + 1)
    return f"distribution_v{place + 1}", velocity, velocity


def _nodes(grid: Grid | None, place: int, clouds: list[np.ndarray]) -> np.ndarray:
    """The edges of the grid's cells where there is one, where truth from it is best; else over what particles span."""
    if grid is not None:
        edges = grid.edges(place)
        return edges[:: -(-len(edges) // MOST_EDGES)]
    span = axis_of("", *clouds)
    return np.linspace(span.low, span.high, NODES)


def _particles(trajectory: Trajectory | None, place: int, inside: int) -> np.ndarray | None:
    """Coordinates along one axis, (time, particle)."""
    if trajectory is None or (place < inside and trajectory.positions is None):
        return None
    array = trajectory.positions if place < inside else trajectory.velocities
    return double(array[:, 0, :, place if place < inside else place - inside])


def _of_particles(cloud: np.ndarray | None, trajectory: Trajectory | None) -> At | None:
    """Of particles with the trajectory's weights, or equal ones."""
    if cloud is None:
        return None
    weights = np.ones(cloud.shape[1]) if trajectory is None else double(trajectory.weights[0])
    return lambda nodes: np.stack([_below(row, weights, nodes) for row in cloud])


def _below(x: np.ndarray, weights: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """The share of the weight at or below each node."""
    bins = np.bincount(np.searchsorted(nodes, x), weights, minlength=nodes.size + 1)
    return np.cumsum(bins)[:-1] / (bins.sum() or 1.0)


def _of_density(density: np.ndarray | None, grid: Grid | None, place: int) -> At | None:
    if density is None or grid is None:
        return None
    edges, levels = grid.edges(place), below(grid.marginal(density, place))
    return lambda nodes: np.stack([np.interp(nodes, edges, row) for row in levels])


def _samples(solution: Solution, reference: Reference, problem: Problem) -> np.ndarray | None:
    """Velocities drawn from the true law, (time, sample, d), where nothing better is known of it."""
    law = reference.law
    if law is None or law.sample is None or reference.density is not None or solution.trajectory is None:
        return None
    return np.stack([law.sample(float(time), _SAMPLES, _SEED) for time in problem.query.times])


def _exact_distance(
    place: int,
    solution: Solution,
    reference: Reference,
    problem: Problem,
    mine: np.ndarray | None,
    theirs: np.ndarray | None,
) -> np.ndarray | None:
    """W1 of particles and true particles, as the metric has it; None where one of them is not given by particles."""
    if mine is None or theirs is None or solution.trajectory is None or reference.trajectory is None:
        return None
    equation = problem.equation
    length = equation.length if isinstance(equation, VlasovPoisson) and place == 0 else None
    weights = double(solution.trajectory.weights[:1]), double(reference.trajectory.weights[:1])
    return wasserstein_1(mine, theirs, weights[0], weights[1], length)


def _decimals(values: np.ndarray) -> list[float | None]:
    return [round(float(value), 5) for value in values]
