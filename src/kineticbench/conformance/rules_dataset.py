"""What every dataset promises of its problems and of what may be learned."""

from __future__ import annotations

import numpy as np

from .. import catalog, metrics
from ..contracts import Dataset, InvalidInput, Mesh, Quiet, Random, Reference, TrainingSet, UnknownName
from .comparing import reachable
from .dataset_subject import DatasetSubject, given
from .outcome import NotAsked, refused, required
from .rules_file import one_parameter_set

MANY = 20_000  # particles of a start


def metadata(subject: DatasetSubject) -> None:
    """What it says of itself, equation and metrics, are literals in the class and name what there is."""
    cls, told = subject.cls(), subject.plug_in.metadata
    for name in ("equation", "metrics"):
        value, written = getattr(cls, name, None), told.get(name)
        required(value is not None and value == written, f"{name} is {value!r}, and the class body says {written!r}.")
    posed = subject.posed().equation.name
    required(posed == cls.equation, f"equation is {cls.equation!r}, and its problem poses {posed}.")
    required(isinstance(cls.metrics, tuple) and bool(cls.metrics), "metrics is no tuple of names.")
    unknown = sorted(set(cls.metrics) - set(metrics.names()))
    required(not unknown, f"metrics names {', '.join(unknown)}, which nobody measures.")
    required(len(set(cls.metrics)) == len(cls.metrics), "metrics has a name twice.")


def parameters(subject: DatasetSubject) -> None:
    """Parameters are plain data: they survive JSON, and equal settings are equal and hashable."""
    one_parameter_set(subject, subject.default())


def seeds(subject: DatasetSubject) -> None:
    """The same seed poses the same problem, and another one another."""
    first, other = subject.steady(), subject.default().problem(cases=1, seed=1)
    required(not np.array_equal(given(first)[0], given(other)[0]), "Another seed gives the same particles.")


def fewer_cases(subject: DatasetSubject) -> None:
    """A smaller request is the beginning of a larger one."""
    whole = given(subject.posed())
    subject.steady()
    few = given(subject.default().problem(cases=2))
    for part, all_of_them in zip(few, whole, strict=True):
        required(np.array_equal(part, all_of_them[:2]), "Two cases are not the first two of five.")


def refusals(subject: DatasetSubject) -> None:
    """A split or a number of cases that is not there is refused."""
    dataset = subject.default()
    refused(lambda: dataset.problem("no such split"), (UnknownName,), "problem('no such split') must raise UnknownName")
    whole = dataset.problem().ensemble
    one_too_many = 2 if whole is None else whole.cases + 1
    for cases in (0, -1, one_too_many):
        refused(
            lambda cases=cases: dataset.problem(cases=cases),
            (InvalidInput,),
            f"problem(cases={cases}) must raise InvalidInput",
        )


def no_leak(subject: DatasetSubject) -> None:
    """A problem does not lead to the truth: nothing reachable from it is one, or holds its later arrays."""
    truth = subject.reference()
    later = [] if truth.density is None else [truth.density[1:]]
    if truth.trajectory is not None:
        later += [array[1:] for array in (truth.trajectory.positions, truth.trajectory.velocities) if array is not None]
    later += [series[:, 1:] for series in truth.series.values()]
    for found in reachable(subject.posed()):
        kind = type(found).__name__
        required(not isinstance(found, Dataset | Reference | TrainingSet), f"A {kind} can be reached from the problem.")
        if isinstance(found, np.ndarray) and found.size:
            for array in later:
                shared = np.shares_memory(found, array) or (
                    found.dtype == array.dtype and found.size >= array.size and array.ravel()[-1] in found
                )
                required(not shared, f"An array {found.shape} that can be reached from the problem holds the truth.")


def starts(subject: DatasetSubject) -> None:
    """Particles of every start follow the initial density: mass and energy are those of independent samples."""
    posed = subject.posed()
    density = posed.initial_density
    if density is None or posed.equation.position_dimension:
        raise NotAsked("It is not homogeneous.")
    exact = density.sample(Random(), MANY, 11)
    mass, energy = exact.weights.sum(), (exact.weights * (exact.velocities**2).sum(-1)).sum()
    for start in (Quiet(), Quiet(weighted=True), Mesh()):
        found = density.sample(start, MANY, 3)
        required(found.positions is None, f"{start} gives positions.")
        off = abs(found.weights.sum() / mass - 1)
        required(off < 2e-3, f"The mass of {start} is off by {off:.1%}.")
        off = abs((found.weights * (found.velocities**2).sum(-1)).sum() / energy - 1)
        required(off < 0.05, f"The energy of {start} is off by {off:.0%}.")
        again = density.sample(start, MANY, 3)
        required(np.array_equal(found.velocities, again.velocities), f"{start} differs under the same seed.")


def training(subject: DatasetSubject) -> None:
    """Training data are states and conditions, from 0 to the final time, apart from the test."""
    data, posed = subject.training(), subject.posed()
    required(data.times[0] == 0 and bool((np.diff(data.times) > 0).all()), "Their times do not increase from 0.")
    end = posed.query.final_time
    required(abs(data.times[-1] - end) < 1e-6 * end, f"Their last time is {data.times[-1]:g}, the problem's {end:g}.")
    shape = data.states.velocities.shape
    required(shape[0] == data.times.size, f"{shape[0]} states at {data.times.size} times.")
    for name, values in data.conditions.items():
        required(values.shape == shape[1:2], f"The condition {name} has shape {values.shape}, cases are {shape[1]}.")
    required(data.seconds > 0 and bool(data.hardware), "They do not say what they cost, or on what hardware.")
    if posed.ensemble is not None:
        begun = {float(v) for v in data.states.velocities[0, :, 0, 0]}
        shared = begun.intersection(float(v) for v in posed.ensemble.velocities[:, 0, 0])
        required(not shared, "A case of the test is among them.")


def same_training(subject: DatasetSubject) -> None:
    """Training data are the same when asked for again, and so is what they cost."""
    first, again = subject.training(), subject.default().training()
    for name in ("positions", "velocities"):
        a, b = getattr(first.states, name), getattr(again.states, name)
        required((a is None) == (b is None), f"Asked again, there are {name} once and not twice.")
        required(a is None or np.array_equal(a, b), f"Asked again, the {name} differ.")
    required(first.seconds == again.seconds, "Asked again, they cost another time.")


def taken(subject: DatasetSubject) -> None:
    """Some solver takes it."""
    problem = subject.posed()
    for name in catalog.plug_ins("solvers"):
        solver = catalog.build("solvers", name, {})
        if problem.equation.name in solver.solves and solver.ladder(problem)[0].unsupported(problem) is None:
            return
    required(False, f"No solver of {problem.equation.name} takes its problem.")
