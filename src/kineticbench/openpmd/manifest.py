"""What a file holds, in plain numbers and names: which problem, by which code, and where every array's bytes lie.

This is all that the process which opens a stranger's file hands on. It is checked again by whoever receives it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

PROBLEM = "kineticbench/problem/1"
SEEDS = 2**32
Count = Annotated[int, Field(ge=1, lt=2**48)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Called = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.+-]{0,59}$")]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(max_length=20_000)]
Seconds = Annotated[float, Field(ge=0, le=1e12)]
Number = Literal["<f4", "<f8", ">f4", ">f8"]


class Part(BaseModel):
    """Part of a manifest: unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Description(Part):
    """Which problem, so that anybody who has the dataset can pose it again.

    Parameters
    ----------
    dataset, parameters
        The dataset and all its parameters.
    split, asked, seed
        The first `asked` cases (None: all) of a split of the stream that `seed` draws.
    cases
        How many cases these are.
    digest
        SHA-256 over all of these, the equation, the query and the problem's own particles.
    """

    dataset: Name
    parameters: dict[str, JsonValue]
    split: Name
    asked: Count | None
    seed: Annotated[int, Field(ge=0, lt=SEEDS)]
    cases: Count
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Author(Part):
    """What the author of a trajectory says of it and of the code that made it; nothing of it is checked.

    Parameters
    ----------
    name, version, setting
        Of the code; `setting` is what tables call the way it was run.
    parameters
        What tells this setting from others.
    author, licence, citation
        Who made it, under which licence it can be had, and its BibTeX.
    hardware
        The machine, in words: results of one machine are compared with each other only.
    family
        "classical" or "learned".
    data_seconds, fit_seconds, amortised
        Making training data, and all else that was done before the first solve; whether one fit serves every case.
    solve_seconds
        Solving the whole batch: the first time in a new process, then any repetitions.
    threads, device, seed, peak_bytes
        How it ran.
    """

    name: Called
    version: Line
    author: Line
    hardware: Line
    setting: Annotated[str, Field(max_length=300)] = ""
    parameters: dict[str, JsonValue] = {}
    licence: Line | None = None
    citation: Text | None = None
    family: Literal["classical", "learned"] = "classical"
    data_seconds: Seconds = 0.0
    fit_seconds: Seconds = 0.0
    amortised: bool = False
    solve_seconds: Annotated[list[Seconds], Field(max_length=1000)] = []
    threads: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    device: Literal["cpu", "gpu"] = "cpu"
    seed: Annotated[int, Field(ge=0, lt=SEEDS)] = 0
    peak_bytes: Annotated[int, Field(ge=0, lt=2**60)] | None = None


class Piece(Part):
    """Numbers of one type that follow one another in a file, or one number that stands for all of them.

    Parameters
    ----------
    dtype
        Their type, as NumPy writes it.
    count
        How many.
    file, offset
        "given", the stranger's file, or "copy", the plain copy of what is packed in it; and the place of the first.
    value
        The one number, where there is no file.
    """

    dtype: Number
    count: Annotated[int, Field(ge=0, lt=2**48)]
    file: Literal["given", "copy"] | None = None
    offset: Annotated[int, Field(ge=0, lt=2**60)] = 0
    value: float | None = None

    @model_validator(mode="after")
    def _has_numbers(self) -> Piece:
        if (self.file is None) != (self.value is not None):
            raise ValueError("A piece has either a file or a value.")
        return self


class Table(Part):
    """An array of any shape, in C order."""

    shape: Annotated[list[Annotated[int, Field(ge=0, lt=2**48)]], Field(max_length=8)]
    piece: Piece


class Snapshot(Part):
    """Particles at one time, one piece for each component: case by case, and particle by particle within each.

    `score` and `particle_density` are those at the particles, where the code carries them along; `weights` are None
    where this snapshot does not repeat them.
    """

    time: float
    positions: list[Piece] = []
    velocities: list[Piece] = []
    weights: Piece | None = None
    score: list[Piece] = []
    particle_density: Piece | None = None


class Manifest(Part):
    """What a file holds.

    Parameters
    ----------
    description
        The problem.
    author
        Of the code and its times; None in a file that only states a problem.
    snapshots
        In the order of time; may be empty where a code returns no particles.
    tables
        "density", "point_score", "series/NAME", "diagnostics/NAME" of the answer, as `Solution.arrays` names them.
    """

    description: Description
    author: Author | None
    snapshots: Annotated[list[Snapshot], Field(max_length=100_000)]
    tables: dict[str, Table]
