"""What a solver answers: shapes, times, where it starts, the same for the same question, nothing changed."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path

import numpy as np

from ..contracts import (
    Diverged,
    InvalidInput,
    KineticbenchError,
    Query,
    TrainedPropagator,
    TrainedSolver,
    Unsupported,
    VlasovPoisson,
    check,
)
from .problems import problem
from .subject import NotAsked, Subject, asked, differ, farthest, near, refused, required


def ladder(subject: Subject, kind: str) -> None:
    """The ladder has settings that differ and that solve the problem."""
    settings = subject.default().ladder(problem(kind))
    required(bool(settings), "ladder() gave no setting.")
    required(len(set(settings)) == len(settings), "ladder() gave a setting twice.")
    for setting in settings:
        reason = setting.unsupported(problem(kind))
        required(reason is None, f"{setting} of the ladder does not support the problem: {reason}")


def shapes(subject: Subject, kind: str) -> None:
    """The answer has the shapes and times that were asked for, all finite, and the weights that were given."""
    ensemble = subject.particles(kind)
    found = subject.answer(kind)
    try:
        check(found, dataclasses.replace(problem(kind), ensemble=ensemble), ensemble)
    except (Diverged, InvalidInput) as error:
        required(False, str(error))
    if found.trajectory is not None and ensemble is not None:
        gap = farthest(found.trajectory.weights, ensemble.weights)
        required(gap < 1e-12, "The weights of the trajectory are not those of the particles.")


def start(subject: Subject, kind: str) -> None:
    """At t = 0 the particles are where they were put, and positions stay in the box."""
    ensemble, posed, found = subject.particles(kind), problem(kind), subject.moving(kind)
    assert ensemble is not None
    for name, ours, given in (
        ("positions", found.positions, ensemble.positions),
        ("velocities", found.velocities, ensemble.velocities),
    ):
        required((ours is None) == (given is None), f"The trajectory and the particles do not both have {name}.")
        if ours is not None and given is not None:
            gap = farthest(np.sort(ours[0], axis=1), np.sort(given, axis=1))
            required(gap < 1e-12, f"At t = 0 the {name} are off by {gap:.1e} of the largest.")
    if isinstance(posed.equation, VlasovPoisson) and found.positions is not None:
        inside = found.positions.min() >= 0 and found.positions.max() < posed.equation.length
        required(bool(inside), "Positions leave the box [0, length): take them modulo its length.")


def same_call(subject: Subject, kind: str) -> None:
    """The same call gives the same answer, bit for bit."""
    again = asked(subject.fitted(kind), subject.particles(kind), problem(kind).query)
    name = differ(subject.answer(kind), again)
    required(name is None, f"A second call of the same propagator gave another {name}.")


def same_seed(subject: Subject, kind: str) -> None:
    """The same seed gives the same fit, bit for bit."""
    again = asked(subject.fit(kind), subject.particles(kind), problem(kind).query)
    name = differ(subject.answer(kind), again)
    required(name is None, f"A second fit under the same seed gave another {name}.")


def batch(subject: Subject, kind: str) -> None:
    """A batch of cases is answered as its cases one by one."""
    ensemble, query = subject.particles(kind), problem(kind).query
    assert ensemble is not None
    if ensemble.cases == 1:
        raise NotAsked("There is one case.")
    together = subject.moving(kind)
    for case in range(ensemble.cases):
        alone = asked(subject.fitted(kind), ensemble.take(slice(case, case + 1)), query).trajectory
        required(alone is not None, "One case alone gave no particles.")
        assert alone is not None
        for name in ("positions", "velocities"):
            ours, all_of_them = getattr(alone, name), getattr(together, name)
            if all_of_them is not None:
                gap = farthest(ours[:, 0], all_of_them[:, case])
                required(gap < 1e-9, f"Case {case} alone has other {name} than in the batch, off by {gap:.1e}.")


def fewer_times(subject: Subject, kind: str) -> None:
    """Fewer times have the answers of many; the last stays, since a solver may count its steps from there."""
    query, full = problem(kind).query, subject.answer(kind)
    few = asked(
        subject.fitted(kind), subject.particles(kind), Query(query.times[[0, 2]], query.series[::2], query.points)
    )
    for path, array in few.arrays().items():
        group = path.partition("/")[0]
        if group in ("trajectory", "density", "score", "point_score") and not path.endswith("weights"):
            expected = full.arrays()[path][[0, 2]]
        elif group == "series":
            expected = full.arrays()[path][:, ::2]
        else:
            continue
        same = near(array, expected, 1e-9, 1e-9)
        required(same, f"Asked at fewer times, {path} is off by {farthest(array, expected):.1e} of the largest.")


def arguments(subject: Subject, kind: str) -> None:
    """What it is given stays as it was; the engine's arrays cannot be written to."""
    ensemble, query = subject.particles(kind), problem(kind).query
    if ensemble is None:
        raise NotAsked("It takes no particles.")
    given = (ensemble.positions, ensemble.velocities, ensemble.weights, query.times, query.series, query.points)
    arrays = [array for array in given if array is not None]
    before = [array.copy() for array in arrays]
    try:
        propagator = subject.fit(kind, posed=dataclasses.replace(problem(kind), ensemble=ensemble))
        asked(propagator, ensemble, query)
    except ValueError as error:
        required("read-only" not in str(error), "It writes into the arrays it is given; copy them first.")
        raise
    same = all(np.array_equal(array, copy) for array, copy in zip(arrays, before, strict=True))
    required(same, "It changed the arrays it was given; copy them first.")


def precisions(subject: Subject, kind: str) -> None:
    """float32 is answered in float32, float64 in float64, and a classical method gives about the same in both."""
    single, double = (subject.answer(kind, precision).arrays() for precision in ("float32", "float64"))
    required(single.keys() == double.keys(), "float32 and float64 do not return the same arrays.")
    for path in ("trajectory/positions", "trajectory/velocities"):
        for arrays, kind_of in ((single, np.float32), (double, np.float64)):
            if path in arrays:
                required(
                    arrays[path].dtype == kind_of, f"Asked for {np.dtype(kind_of)}, {path} is {arrays[path].dtype}."
                )
    if subject.plug_in.metadata.get("family") == "classical":
        for path, array in single.items():
            if not path.startswith("diagnostics"):
                gap = farthest(array, double[path])
                required(near(array, double[path], 1e-3, 1e-6), f"{path} in float32 is off by {gap:.1e} from float64.")


def kept_fit(subject: Subject, kind: str) -> None:
    """A fit that is saved is restored with the same answers, in either precision; a torn file is refused."""
    solver, propagator = subject.cheapest(kind), subject.fitted(kind)
    trained = isinstance(solver, TrainedSolver)
    required(isinstance(propagator, TrainedPropagator) == trained, "Only a TrainedSolver gives a TrainedPropagator.")
    if not trained:
        raise NotAsked("It learns nothing that is kept.")
    assert isinstance(propagator, TrainedPropagator)
    ensemble, posed, before = subject.particles(kind), problem(kind), subject.moving(kind)
    seen = posed.without_start() if solver.amortised else posed
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fit.safetensors"
        propagator.save(path)
        for precision, tolerance in (("float64", 1e-6), ("float32", 1e-3)):
            restored = asked(solver.restore(path, seen, "cpu", precision), ensemble, posed.query).trajectory
            required(restored is not None, "The restored fit returns no particles.")
            assert restored is not None
            for name in ("positions", "velocities"):
                if getattr(before, name) is not None:
                    gap = farthest(getattr(restored, name), getattr(before, name))
                    required(gap < tolerance, f"Restored in {precision}, {name} are off by {gap:.1e}.")
        path.write_bytes(b"{}")
        refused(
            lambda: solver.restore(path, seen, "cpu", "float64"),
            (KineticbenchError,),
            "restore() must refuse a torn file",
        )


def device(subject: Subject, kind: str) -> None:
    """Asked for a GPU where there is none, it says so and does not compute elsewhere."""
    if shutil.which("nvidia-smi") is not None:
        raise NotAsked("There is a GPU.")
    refused(
        lambda: subject.fit(kind, device="gpu"),
        (Unsupported, InvalidInput),
        "fit(device='gpu') must raise Unsupported or InvalidInput where there is no GPU",
    )
