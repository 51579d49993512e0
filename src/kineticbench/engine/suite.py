"""A suite: which solvers meet which datasets, how often, where, and within which limits; written in TOML."""

from __future__ import annotations

import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ..catalog import PACKAGE
from ..contracts.errors import InvalidInput, UnknownName
from ..results.confined import hidden

SUITES = PACKAGE / "suites"
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
MOST_BYTES, LONGEST_NAME = 1 << 20, 4096


class Section(BaseModel):
    """Part of a suite; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class LimitSettings(Section):
    """When a cell is ended: seconds of fit and solve, bytes of memory, seconds of whatever is neither fit nor solve.

    A solution of more than `output_bytes` is neither copied nor kept.
    """

    seconds: Annotated[float, Field(gt=0)] = 600.0
    bytes: Annotated[int, Field(gt=0)] = 8_000_000_000
    setup_seconds: Annotated[float, Field(gt=0)] = 1800.0
    output_bytes: Annotated[int, Field(gt=0)] = 4_000_000_000


class TimingSettings(Section):
    """Warm calls: at least `calls` and `seconds`, none begun after `stop` seconds.

    Beyond these until the 95 % interval of the median is within `relative_width` of it on either side, or the calls
    take `longest` seconds together.
    """

    calls: Count = 5
    seconds: Annotated[float, Field(ge=0)] = 1.0
    stop: Annotated[float, Field(gt=0)] = 30.0
    relative_width: Annotated[float, Field(ge=0)] = 0.02
    longest: Annotated[float, Field(ge=0)] = 3.0


class DatasetEntry(Section):
    """A dataset with parameters; `label` tells it from another entry of the same name."""

    name: str
    label: str | None = None
    parameters: dict[str, JsonValue] = {}
    split: str = "test"
    cases: Count | None = None
    seed: Seed = 0

    @property
    def called(self) -> str:
        """What solver entries and the command line call it."""
        return self.label or self.name


class SolverEntry(Section):
    """A solver: listed settings, its author's ladder, or both; with neither, its defaults.

    `datasets` holds it to some of the suite's datasets (by label or name); what else is given replaces the suite's.
    """

    name: str
    settings: list[dict[str, JsonValue]] = []
    ladder: bool = False
    datasets: list[str] | None = None
    seeds: list[Seed] | None = None
    threads: list[Count] | None = None
    precision: Literal["float32", "float64"] | None = None
    limits: LimitSettings | None = None


class Suite(Section):
    """What `kineticbench run` takes.

    `timing` = false makes no warm calls and allows several cells at a time; `solution_bytes` is the most that is kept
    of one solution; `pictures` = false draws none of it against the truth; a worker is replaced after
    `cells_per_worker` cells; `order_seed` draws the order of the cells.
    """

    description: str = ""
    dataset: list[DatasetEntry]
    solver: list[SolverEntry]
    seeds: list[Seed] = [0]
    device: Literal["cpu", "gpu"] = "cpu"
    threads: list[Count] = [1]
    precision: Literal["float32", "float64"] = "float64"
    limits: LimitSettings = LimitSettings()
    timing: TimingSettings | Literal[False] = TimingSettings()
    solution_bytes: Annotated[int, Field(ge=0)] = 64_000_000
    cells_per_worker: Count = 500
    pictures: bool = True
    order_seed: Seed = 0

    @property
    def most_threads(self) -> int:
        """The most threads that a cell has."""
        return max(
            count for threads in (self.threads, *(entry.threads for entry in self.solver)) for count in threads or ()
        )


def names() -> dict[str, Path]:
    """The suites that come with the package."""
    return {path.stem: path for path in sorted(SUITES.glob("*.toml"))}


def load(name: str) -> Suite:
    """The suite of that name, or in that file where `name` ends in .toml.

    Raises
    ------
    UnknownName
        For a suite or a key that nothing has; names the nearest.
    InvalidInput
        For a file that is missing or does not parse, and values that do not fit.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise InvalidInput(f"There is no suite file {name}.", "Give the path of a TOML file.")
    else:
        known = names()
        if name not in known:
            raise UnknownName.among("suite", name, known)
        path = known[name]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path} is larger than {MOST_BYTES >> 20} MiB.", "Divide it into several suites.")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except InvalidInput:
        raise
    except RecursionError:
        raise InvalidInput(f"{path} is nested too deeply.", "See docs/schemas.") from None
    except (ValueError, OSError) as error:  # of tomllib, of text that is not UTF-8, of numbers with too many digits
        raise InvalidInput(f"{path} is not TOML: {str(error)[:200]}.") from None
    return parse(data, str(path))


def parse(data: dict[str, Any], where: str) -> Suite:
    """A suite from parsed TOML; `where` names it in errors."""
    try:
        suite = Suite.model_validate(data)
    except ValidationError as error:
        raise _friendly(error, where) from None
    for text in (
        *(entry.called for entry in suite.dataset),
        *(entry.name for entry in (*suite.dataset, *suite.solver)),
    ):
        if len(text) > LONGEST_NAME or hidden(text):
            raise InvalidInput(f"{where}: {_short(text)} is no name.", "Use shorter ones, of characters that show.")
    labels = [entry.called for entry in suite.dataset]
    for label in labels:
        if labels.count(label) > 1:
            raise InvalidInput(f"{where} has two datasets called {label!r}.", "Give one of them a label.")
    known = {*labels, *(entry.name for entry in suite.dataset)}
    for entry in suite.solver:
        for name in entry.datasets or ():
            if name not in known:
                raise UnknownName.among(f"dataset of solver {entry.name} in {where}:", name, known)
    if not suite.dataset or not suite.solver:
        raise InvalidInput(f"{where} needs at least one [[dataset]] and one [[solver]].")
    return suite


def json_schema() -> dict[str, Any]:
    """The JSON Schema of suites that is published."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Suite.model_json_schema()}


def _friendly(error: ValidationError, where: str) -> InvalidInput:
    """The first of pydantic's errors, as a sentence; an unknown key is named with the nearest known one."""
    detail = error.errors(include_url=False)[0]
    place = ".".join(_short(part)[1:-1] if isinstance(part, str) else str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return UnknownName.among(f"key in {where}:", str(detail["loc"][-1]), _fields(detail["loc"][:-1]))
    return InvalidInput(f"{where}: {place}: {detail['msg']}, got {_short(detail['input'])}.", "See docs/schemas.")


def _fields(location: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at a place such as ("solver", 2, "limits")."""
    section: type[BaseModel] = Suite
    for part in location:
        if isinstance(part, str) and part in section.model_fields:
            found = _sections(section.model_fields[part].annotation)
            section = found[0] if found else section
    return list(section.model_fields)


def _sections(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [section for part in typing.get_args(annotation) for section in _sections(part)]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
