"""Writes a dataset's initial states, and all else that a code needs to answer, as an openPMD file; never the truth."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalog
from ..contracts import Dataset, Ensemble, InvalidInput, Mesh, Problem, Quiet, Random, Start
from ..contracts.errors import UnknownName
from ..engine.cell import PlugInSetting
from ..files import write_atomically
from . import description, writing
from .manifest import Description

GIVEN = "given"
STARTS: dict[str, Start] = {
    "random": Random(),
    "quiet": Quiet(),
    "quiet-weighted": Quiet(weighted=True),
    "mesh": Mesh(),
}
PARTICLES = 16_384  # drawn from an initial density where nobody says how many


@dataclass(frozen=True)
class Order:
    """What is to be exported.

    Parameters
    ----------
    dataset
        Its name. A file is not taken, since it would be executed here, and `score` could not pose it again.
    parameters
        Of the dataset; others keep their defaults.
    split, cases, seed
        The first `cases` cases (None: all) of a split of the stream that `seed` draws.
    particles
        N: a parameter of the dataset where it has one of this name, else how many are drawn from its initial density.
    start
        How these are drawn: one of `STARTS`. A dataset that gives its particles takes none.
    """

    dataset: str
    parameters: Mapping[str, Any]
    split: str = "test"
    cases: int | None = None
    seed: int = 0
    particles: int | None = None
    start: str | None = None


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written: the description, the problem, and the particles with the word for where they come from."""

    description: Description
    problem: Problem
    ensemble: Ensemble | None
    start: str


def pose(order: Order) -> Exported:
    """The problem of an order, with particles.

    Raises
    ------
    InvalidInput
        For names, parameters and numbers that nothing has or that do not fit, and for what does not fit into memory.
    """
    plug_in = _dataset(order.dataset)
    parameters, particles = dict(order.parameters), order.particles
    if particles is not None and "particles" in plug_in.parameters:
        parameters["particles"], particles = particles, None
    try:
        setting = PlugInSetting.of("datasets", order.dataset, parameters)
        dataset: Dataset = setting.build("datasets")
        problem = dataset.problem(order.split, order.cases, order.seed)
        ensemble, start = _particles(problem, order, particles)
    except InvalidInput:
        raise
    except (MemoryError, OverflowError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}".rstrip(".: ")
        raise InvalidInput(
            f"{order.dataset} cannot be posed so: {reason}.", "Ask for less: fewer particles or cases, smaller numbers."
        ) from None
    cases = 1 if ensemble is None else ensemble.cases
    made = description.describe(setting, order.split, order.cases, order.seed, problem, cases)
    return Exported(made, problem, ensemble, start)


def _dataset(name: str) -> catalog.PlugIn:
    if name.endswith(".py"):
        raise InvalidInput(
            f"{name} is a file, and export executes none; score would not take it either.",
            "Install it as docs/plug_in_package.md says and give its name.",
        )
    catalog.find("datasets", name)  # knows which names are near
    return description.own_dataset(name)


def _particles(problem: Problem, order: Order, particles: int | None) -> tuple[Ensemble | None, str]:
    if problem.ensemble is not None:
        if order.start is not None or particles is not None:
            raise InvalidInput(
                f"{order.dataset} gives its own particles.", "Leave out --start and set their number by its parameters."
            )
        return problem.ensemble, GIVEN
    kind = "quiet" if order.start is None else order.start
    if kind not in STARTS:
        raise UnknownName.among("start", kind, STARTS)
    if problem.initial_density is None:
        raise InvalidInput(f"{order.dataset} gives neither particles nor a density.", "Choose another dataset.")
    number = PARTICLES if particles is None else particles
    return problem.initial_density.sample(STARTS[kind], number, order.seed), kind


def export(order: Order, path: Path, force: bool = False) -> Exported:
    """Write the file of an order, whole or not at all; one that is there already only where `force` says so.

    Raises
    ------
    InvalidInput
        As `pose`, and where the file cannot be written or is there already.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise InvalidInput(f"{path} is there already.", "Choose another name, or replace it with --force.")
    made = pose(order)
    plug_in = _dataset(order.dataset)
    texts = (inspect.cleandoc(plug_in.doc), str(plug_in.metadata.get("cite") or ""))
    write_atomically(path, lambda scratch: write(scratch, made, *texts))
    return made


def write(path: Path, made: Exported, doc: str = "", cite: str = "") -> None:
    """Write what was posed; memory beyond the particles themselves is that of `writing.CHUNK` numbers."""
    with writing.openpmd_file(path) as file:
        description.write(file, made.description, made.problem, made.start, made.ensemble, doc, cite)
        if made.ensemble is not None:
            write_particles(writing.iteration(file, 0, 0.0), made.ensemble)


def write_particles(species: Any, ensemble: Any) -> None:
    """Records of one time from arrays (case, particle, …): positions, velocities and weights of an `Ensemble`."""
    cases, particles, dimension = ensemble.velocities.shape
    if ensemble.positions is None:
        writing.nowhere(species, "position", (cases, particles), 1)
        writing.nowhere(species, "positionOffset", (cases, particles), 1)
    else:
        writing.vector(species, "position", ensemble.positions, ensemble.positions.shape[-1])
        writing.nowhere(species, "positionOffset", (cases, particles), ensemble.positions.shape[-1])
    writing.vector(species, "momentum", ensemble.velocities, dimension)
    if ensemble.weights is not None:
        writing.scalar(species, "weighting", ensemble.weights)
