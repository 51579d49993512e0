"""Arrays from the pieces of a manifest, read as plain bytes: some cases at some times, never more than is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import InvalidInput, Solution, Trajectory
from . import wording
from .manifest import Manifest, Piece, Snapshot, Table

DOUBLE, SINGLE = 1e-9, 1e-6  # what times may be off by, the latter of the last of them
_CASE_AXIS = {"density": 1, "point_score": 1}


class Source:
    """The arrays of a manifest.

    Parameters
    ----------
    manifest
        Where they lie.
    given, copy
        The files that its pieces speak of.
    """

    def __init__(self, manifest: Manifest, given: Path, copy: Path):
        self._manifest, self._files = manifest, {"given": given, "copy": copy}
        self.cases = manifest.description.cases

    @property
    def particles(self) -> int:
        """Of each case; 0 where there are none."""
        moving = self._moving()
        return moving[0].velocities[0].count // self.cases if moving else 0

    @property
    def dimensions(self) -> tuple[int, int]:
        """Of positions and velocities, as they lie in the file."""
        moving = self._moving()
        return (len(moving[0].positions), len(moving[0].velocities)) if moving else (0, 0)

    @property
    def precision(self) -> str:
        """That of the velocities, or else of the widest table: "float32" or "float64"."""
        moving = self._moving()
        pieces = moving[0].velocities if moving else [table.piece for table in self._manifest.tables.values()]
        return "float64" if any(piece.dtype.endswith("8") for piece in pieces) else "float32"

    def matching(self, times: Sequence[float]) -> list[int]:
        """The snapshots at these times, to within the rounding of double precision, or else of single precision.

        Raises
        ------
        InvalidInput
            Where one is missing, or two are at one time.
        """
        held = np.array([snapshot.time for snapshot in self._manifest.snapshots])
        apart = 0.4 * min(np.diff(times), default=np.inf)  # no iteration is near to two times
        single = min(SINGLE * max(times, default=0.0), apart)
        chosen = []
        for time in times:
            off = np.abs(held - time)
            near = np.flatnonzero(off <= min(DOUBLE * max(1.0, time), apart))
            near = near if near.size else np.flatnonzero(off <= single)
            if near.size != 1:
                there = ", ".join(f"{one:.9g}" for one in held[:20]) or "none"
                raise InvalidInput(
                    f"It has {'two iterations' if near.size else 'no iteration'} at the time {time:.9g}; there are: "
                    f"{there}.",
                    "Write one iteration for each time of kineticbench/query/times.",
                )
            chosen.append(int(near[0]))
        return chosen

    def solution(
        self,
        snapshots: Sequence[int],
        cases: slice,
        homogeneous: bool,
        tables: bool = True,
        rows: Sequence[int] | None = None,
    ) -> Solution:
        """The solution at some snapshots for some cases, as NumPy arrays in the machine's byte order.

        Parameters
        ----------
        snapshots
            Their numbers in the file.
        cases
            Which, a slice without step.
        homogeneous
            Whether the equation has no positions.
        tables
            Whether all that is no particles is read too: density and score at points, series, diagnostics.
        rows
            Which of the query's times are wanted of density and score at points; None: all.
        """
        chosen = [self._manifest.snapshots[number] for number in snapshots]
        arrays: dict[str, Any] = {}
        trajectory = None
        if chosen and all(snapshot.velocities for snapshot in chosen):
            positions = None if homogeneous else self._vectors([it.positions for it in chosen], cases)
            velocities = self._vectors([it.velocities for it in chosen], cases)
            trajectory = Trajectory(positions, velocities, self._weights(cases))
            if all(snapshot.score for snapshot in chosen):
                arrays["score"] = self._vectors([it.score for it in chosen], cases)
            densities = [it.particle_density for it in chosen if it.particle_density is not None]
            if len(densities) == len(chosen):
                arrays["particle_density"] = self._vectors([[piece] for piece in densities], cases)[..., 0]
        elif any(snapshot.velocities for snapshot in chosen):
            raise InvalidInput("Some of its iterations have particles and some have none.", "Write all of them.")
        for name, table in self._manifest.tables.items() if tables else ():
            arrays[name] = self._table(name, table, rows, cases)
        loose = Solution.from_arrays(arrays)
        return Solution(
            trajectory, loose.score, loose.point_score, loose.density, loose.particle_density, loose.series,
            loose.diagnostics,
        )  # fmt: skip

    def _moving(self) -> list[Snapshot]:
        return [snapshot for snapshot in self._manifest.snapshots if snapshot.velocities]

    def _weights(self, cases: slice) -> np.ndarray:
        first = self._moving()[0]
        if first.weights is None:
            raise InvalidInput("Its first iteration has no record weighting.", "Copy it from the exported file.")
        return self._rows(first.weights, cases)

    def _vectors(self, pieces: Sequence[Sequence[Piece]], cases: slice) -> np.ndarray:
        """(time, case, particle, component), of one number's type throughout."""
        kinds = {piece.dtype[-1] for row in pieces for piece in row if piece.file is not None}
        number = np.dtype("f4" if kinds == {"4"} else "f8")
        if not kinds:
            number = np.dtype(f"f{pieces[0][0].dtype[-1]}")
        if len({len(row) for row in pieces}) != 1 or {piece.count for row in pieces for piece in row} != {
            self.particles * self.cases
        }:
            raise InvalidInput("Its iterations differ in their particles or dimensions.", "Write all of them alike.")
        width = cases.stop - cases.start
        made = np.empty((len(pieces), width, self.particles, len(pieces[0])), number)
        for time, row in enumerate(pieces):
            for axis, piece in enumerate(row):
                made[time, :, :, axis] = self._rows(piece, cases)
        return made

    def _rows(self, piece: Piece, cases: slice) -> np.ndarray:
        shape = (cases.stop - cases.start, self.particles)
        return self._numbers(piece, cases.start * self.particles, shape)

    def _numbers(self, piece: Piece, first: int, shape: tuple[int, ...]) -> np.ndarray:
        native = np.dtype(piece.dtype).newbyteorder("=")
        if piece.file is None:
            return np.broadcast_to(np.array(piece.value, native), shape)
        wanted = int(np.prod(shape, dtype=object))
        place = piece.offset + first * native.itemsize
        found = np.fromfile(self._files[piece.file], piece.dtype, wanted, offset=place)
        if found.size != wanted or first + wanted > piece.count:
            raise InvalidInput("The file has become shorter while it was read.", "Score it again.")
        return found.reshape(shape).astype(native, copy=False)

    def _table(self, name: str, table: Table, rows: Sequence[int] | None, cases: slice) -> np.ndarray:
        array = self._numbers(table.piece, 0, tuple(table.shape))
        if name.partition("/")[2] in wording.COMPLEX and array.ndim and array.shape[-1] == 2:
            array = array[..., 0] + 1j * array[..., 1]
        axis = 0 if name.startswith("series/") else _CASE_AXIS.get(name)
        if axis is None or array.ndim <= axis:
            return array
        array = array[(slice(None),) * axis + (cases,)] if array.shape[axis] == self.cases else array
        return array if axis == 0 or not rows or max(rows) >= len(array) else array[list(rows)]

    @property
    def table_bytes(self) -> int:
        """Of all that is no particles, in double precision."""
        return sum(8 * table.piece.count for table in self._manifest.tables.values())
