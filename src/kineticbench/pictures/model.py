"""Pictures as plain data: panels of points, curves and maps, one frame for each snapshot, for whatever draws them.

Many numbers that only place ink are packed: each as `digits` digits to the base 64 (A–Z, a–z, 0–9, + and /, the most
significant first), the whole part of (x − low) / (high − low) · (64^digits − 1), rounded. Nothing in it can end a
script or a tag.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA = "kineticbench/pictures/1"
MOST_BYTES = 1 << 16
Text = Annotated[str, Field(max_length=160)]
Role = Literal["truth", "solver", "second", "guide"]
Values = Annotated[list[float | None], Field(max_length=512)]


class Part(BaseModel):
    """Part of the pictures: unknown keys, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_by_name=True)


class Axis(Part):
    """What an axis shows and from where to where; `log` where its scale is logarithmic."""

    label: Text
    low: float
    high: float
    log: bool = False


class Packed(Part):
    """Numbers between `low` and `high`, packed as the module says."""

    low: float
    high: float
    digits: Literal[1, 2]
    packed: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*$", max_length=8192)]

    @property
    def count(self) -> int:
        """How many numbers."""
        return len(self.packed) // self.digits

    @model_validator(mode="after")
    def _whole(self) -> Packed:
        if len(self.packed) % self.digits:
            raise ValueError("packed numbers end in the middle of one")
        return self


class Cloud(Part):
    """Particles of the solver or of the truth."""

    role: Role
    label: Text
    x: Packed
    y: Packed

    @model_validator(mode="after")
    def _paired(self) -> Cloud:
        if self.x.count != self.y.count:
            raise ValueError("a cloud has as many x as y")
        return self


class Curve(Part):
    """A curve, or single marks, over the panel's abscissae or its own; `tag` is written at its end."""

    role: Role
    label: Text
    values: Values
    at: Values | None = None
    marks: bool = False
    tag: Annotated[str, Field(max_length=16)] = ""


class Image(Part):
    """Values in the cells of a grid, the first axis outermost."""

    role: Literal["truth", "solver", "difference"]
    label: Text
    cells: Packed


class Measure(Part):
    """A distance between solver and truth at each frame."""

    label: Text
    values: Values


class Panel(Part):
    """What panels have in common: `note` is a sentence on how it was made."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    title: Text
    x: Axis
    y: Axis
    note: Annotated[str, Field(max_length=400)] = ""
    measures: Annotated[list[Measure], Field(max_length=8)] = []


class Points(Panel):
    """Particles in a plane."""

    kind: Literal["points"] = "points"
    frames: Annotated[list[list[Cloud]], Field(min_length=1, max_length=32)]


class Curves(Panel):
    """Curves; `difference` asks for solver − truth beneath, where both are over the same abscissae `at`."""

    kind: Literal["curves"] = "curves"
    at: Values
    frames: Annotated[list[list[Curve]], Field(min_length=1, max_length=32)]
    difference: bool = False

    @model_validator(mode="after")
    def _paired(self) -> Curves:
        for frame in self.frames:
            for curve in frame:
                if len(curve.values) != len(self.at if curve.at is None else curve.at):
                    raise ValueError("a curve has as many values as abscissae")
        return self


class Map(Panel):
    """Grids of `shape` cells in the plane: truth, solver and their difference."""

    kind: Literal["map"] = "map"
    shape: tuple[Annotated[int, Field(ge=1, le=64)], Annotated[int, Field(ge=1, le=64)]]
    frames: Annotated[list[list[Image]], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _filled(self) -> Map:
        for frame in self.frames:
            if [image.role for image in frame] != [image.role for image in self.frames[0]]:
                raise ValueError("every frame has the same maps")
            if any(image.cells.count != self.shape[0] * self.shape[1] for image in frame):
                raise ValueError("a map has as many cells as its shape says")
        return self


AnyPanel = Annotated[Points | Curves | Map, Field(discriminator="kind")]


class Pictures(Part):
    """All pictures of one attempt at a cell, of its first case.

    `times` are the snapshots. A panel has one frame for each of them, or a single one that holds the whole run.
    """

    schema_: Literal["kineticbench/pictures/1"] = Field(SCHEMA, alias="schema")
    times: Annotated[list[float], Field(max_length=32)]
    panels: Annotated[list[AnyPanel], Field(max_length=16)]

    @model_validator(mode="after")
    def _in_step(self) -> Pictures:
        if any(len(panel.frames) not in (1, len(self.times)) for panel in self.panels):
            raise ValueError("a panel has one frame, or one for each of the times")
        return self

    def json_bytes(self) -> bytes:
        """The content of its file, without the last panels where it would exceed `MOST_BYTES`."""
        content = self.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n"
        if len(content) <= MOST_BYTES or not self.panels:
            return content
        return self.model_copy(update={"panels": self.panels[:-1]}).json_bytes()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of pictures that is published."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Pictures.model_json_schema(by_alias=True)}
