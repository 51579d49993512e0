"""Files of one's own, read in this process: the problem that was exported, the solution that was written."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import Ensemble, HomogeneousLandau, InvalidInput, Problem, Query, Solution, VlasovPoisson
from . import description, wording, writing
from .examine import Item, examined
from .export import Exported, write_particles
from .layout import manifest as manifest_of
from .manifest import Author, Manifest, Piece
from .source import Source
from .unpack import Unpacker

EQUATIONS = {equation.name: equation for equation in (VlasovPoisson, HomogeneousLandau)}


def read_problem(path: Path) -> Problem:
    """The problem that an exported file states: its equation, particles and query to the last bit, and no density.

    Raises
    ------
    InvalidInput
        For a file that is not of this layout.
    """
    with tempfile.TemporaryDirectory() as folder, examined(path) as root:
        made, copy = _manifest(root, Path(folder))
        query = root.find(f"{wording.OURS}/{wording.QUERY}")
        if query is None:
            raise InvalidInput(f"{Path(path).name} asks for nothing.", "Export it again.")
        asked = {}
        with copy.open("ab") as more:
            unpacker = Unpacker(more)
            pieces = {name: (unpacker.piece(item), item.stored) for name, item in query.items.items()}
        for name, (piece, stored) in pieces.items():
            assert stored is not None
            asked[name] = _array(piece, stored.shape, {"given": Path(path), "copy": copy})
        equation = _equation(root.find(f"{wording.OURS}/{wording.EQUATION}"))
        source = Source(made, Path(path), copy)
        ensemble = None
        if source.particles:
            found = source.solution([0], slice(0, source.cases), equation.position_dimension == 0).trajectory
            assert found is not None
            positions = None if found.positions is None else found.positions[0]
            ensemble = Ensemble(positions, found.velocities[0], found.weights)
        return Problem(equation, None, ensemble, Query(asked["times"], asked["series"], asked.get("points")))


def read_solution(path: Path) -> tuple[Manifest, Solution]:
    """The solution that a file of one's own holds, all of it in memory, with what the file says of itself."""
    with tempfile.TemporaryDirectory() as folder, examined(path) as root:
        made, copy = _manifest(root, Path(folder))
        source = Source(made, Path(path), copy)
        equation = _equation(root.find(f"{wording.OURS}/{wording.EQUATION}"))
        whole = range(len(made.snapshots))
        return made, source.solution(whole, slice(0, source.cases), equation.position_dimension == 0)


def write_solution(path: Path, solution: Solution, problem: Exported, author: Author | Mapping[str, Any]) -> None:
    """Write a solution (of NumPy arrays) as the file that `kineticbench score` takes.

    Parameters
    ----------
    path
        Where to.
    solution
        The answer to the problem's query.
    problem
        What was exported.
    author
        Who made it, with what, in which time.
    """
    told = author if isinstance(author, Author) else Author.model_validate(dict(author))
    with writing.openpmd_file(path) as file:
        group = description.write(file, problem.description, problem.problem, problem.start, problem.ensemble, "", "")
        solver = group.create_group(wording.SOLVER)
        writing.put(solver, _attributes(told))
        answer = group.create_group(wording.ANSWER)
        for number, time in enumerate(problem.problem.query.times):
            species = writing.iteration(file, number, float(time), solution.trajectory is not None)
            if species is not None:
                _snapshot(species, solution, number)
        for name, array in solution.arrays().items():
            if name in wording.TABLES or name.startswith(("series/", "diagnostics/")):
                writing.table(answer, name, array)


def _snapshot(species: Any, solution: Solution, number: int) -> None:
    found = solution.trajectory
    assert found is not None
    positions = None if found.positions is None else found.positions[number]
    weights = found.weights if number == 0 else None
    write_particles(species, _Particles(positions, found.velocities[number], weights))
    if solution.score is not None:
        writing.vector(species, "score", solution.score[number], solution.score.shape[-1])
    if solution.particle_density is not None:
        writing.scalar(species, "density", solution.particle_density[number])


class _Particles:
    """As an `Ensemble`, unchecked: a solver may have returned anything."""

    def __init__(self, positions: Any, velocities: Any, weights: Any):
        self.positions, self.velocities, self.weights = positions, velocities, weights


def _attributes(author: Author) -> dict[str, Any]:
    from ..engine.cell import canonical_json

    held = {name: getattr(author, field) for name, field in wording.AUTHOR.items()}
    held["parameters"] = canonical_json(author.parameters) if author.parameters else None
    held["solveSeconds"] = np.array(author.solve_seconds) if author.solve_seconds else None
    held["amortised"] = np.uint8(author.amortised)
    for name in ("threads", "seed", "peakBytes"):
        held[name] = None if held[name] is None else np.int64(held[name])
    return {name: value or None if isinstance(value, str) else value for name, value in held.items()}


def _manifest(root: Item, folder: Path) -> tuple[Manifest, Path]:
    copy = folder / "copy"
    with copy.open("wb") as file:
        return manifest_of(root, Unpacker(file)), copy


def _array(piece: Piece, shape: tuple[int, ...], files: Mapping[str, Path]) -> np.ndarray:
    assert piece.file is not None
    return np.fromfile(files[piece.file], piece.dtype, piece.count, offset=piece.offset).reshape(shape)


def _equation(item: Item | None) -> Any:
    """The equation that the attributes name."""
    name = None if item is None else item.attributes.get("name")
    if item is None or not isinstance(name, str) or name not in EQUATIONS:
        raise InvalidInput("The file names no equation that is known here.", "Export it again.")
    kind = EQUATIONS[name]
    values = {}
    for name in (field.name for field in dataclasses.fields(kind)):
        if name not in item.attributes:
            raise InvalidInput(f"The file does not give the {name} of its equation.", "Export it again.")
        values[name] = item.attributes[name].item()
    return kind(**values)
