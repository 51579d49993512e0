"""The record of one attempt at one cell: what was asked, what happened, what it cost, how good it was."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

State = Literal["ok", "unsupported", "diverged", "timeout", "out-of-memory", "error"]
Trust = Literal["rerun here", "rescored here", "self-reported"]
Kept = Literal["all", "subset", "none"]
Seconds = Annotated[float, Field(ge=0)]
Bytes = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RunIdentifier = Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{4,16}$")]
BLOCKS = 64


class Part(BaseModel):
    """Part of a record: unknown keys, NaN and infinities are refused; what is not known is null."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_by_name=True)


class DatasetSetting(Part):
    """Which problem: the first `cases` cases (null: all) of a split of the stream that `seed` draws."""

    name: str
    parameters: dict[str, JsonValue]
    split: str = "test"
    cases: int | None = None
    seed: int = 0


class SolverSetting(Part):
    """Which method; `setting` is what tables call it."""

    name: str
    setting: str
    parameters: dict[str, JsonValue]


class Settings(Part):
    """What a cell is."""

    dataset: DatasetSetting
    solver: SolverSetting
    seed: int
    device: Literal["cpu", "gpu"]
    threads: Annotated[int, Field(ge=1)]
    precision: Literal["float32", "float64"]


class Limits(Part):
    """Beyond which the attempt was ended: seconds of fit and solve, bytes of the worker's process tree."""

    seconds: Annotated[float, Field(gt=0)]
    bytes: Annotated[int, Field(gt=0)]


class Code(Part):
    """The code that ran: hash of plug-ins and all of ours that they import, and the commit of the checkout."""

    hash: str
    commit: str | None = None
    dirty: bool = False


class Fit(Part):
    """What was done once: `data_s` made the training data, `fit_s` trained on it, on the machine `hardware`.

    `id` and `file` name the stored fit, null where none is kept: in the results folder ("fits/…"), or as it came with
    the package ("kineticbench/fits/…"). `restored` says that this attempt found it ready, and `code` is the hash of the
    code that trained it.
    """

    code: str | None = None
    id: str | None
    amortised: bool
    data_s: Seconds
    fit_s: Seconds
    hardware: str | None
    file: str | None = None
    restored: bool = False


class Solve(Part):
    """What a call took: seconds until every returned array was ready; the copy to the host apart.

    Parameters
    ----------
    cases
        Cases in the batch that every call solves.
    problem_s
        Making the problem (and drawing the particles), charged to nobody.
    cold_s
        The first call; `fresh` says whether in a new process.
    warm_s, home_s
        Raw samples of the calls after it, and of copying a solution to the host.
    peak_bytes, baseline_bytes
        Memory of the process tree: highest, and before the fit.
    device_peak_bytes, energy_j
        Highest memory of the GPU and energy of the warm calls; null where unknown.
    kernel_s, noisy
        The fixed reference kernel before and after, and whether it differs so much that the times are not to be
        trusted.
    cores
        The processor cores that the worker was held to; null where it could use them all.
    """

    cases: int | None = None
    problem_s: Seconds | None = None
    cold_s: Seconds | None = None
    fresh: bool = False
    warm_s: list[Seconds] = []
    home_s: list[Seconds] = []
    peak_bytes: Bytes | None = None
    baseline_bytes: Bytes | None = None
    device_peak_bytes: Bytes | None = None
    energy_j: float | None = None
    kernel_s: list[Seconds] = []
    noisy: bool = False
    cores: list[int] | None = None


class MetricValues(Part):
    """One metric: at each time the mean over cases, the floor, the reference's bar, and means over fixed blocks.

    `blocks` is (time, block): block b holds the cases with case mod 64 = b, so there are at most 64. Null marks what is
    not finite. `extra` holds further figures of the whole run, never ranked.
    """

    times: list[float]
    mean: list[float | None]
    floor: list[float | None]
    bar: list[float | None]
    blocks: list[list[float | None]]
    extra: dict[str, float | None] = {}


class Metrics(Part):
    """Scores: `values` in the dataset's order, the one that ranks first; `missing` says why others have none.

    `names` lists them all in the dataset's order; `code` hashes the code that scored.
    """

    code: str
    names: list[str] = []
    values: dict[str, MetricValues] = {}
    missing: dict[str, str] = {}


class Hardware(Part):
    """The machine; machines of one kind share `id`."""

    id: str
    cpu: str
    cores: int | None = None
    memory_bytes: Bytes | None = None
    gpu: str | None = None
    system: str | None = None


class StoredSolution(Part):
    """The file that keeps the solution, relative to the results folder; `kept` says how many of its cases."""

    file: str | None
    sha256: str | None
    kept: Kept


class Stored(Part):
    """Files beside the record, relative to the results folder."""

    solution: StoredSolution | None = None
    log: str | None = None
    pictures: str | None = None


class Reported(Part):
    """Of a trajectory that somebody else computed: who says so, and the file that was scored.

    The times, memory and hardware of such a record are its author's word; its errors were computed on the machine
    `scored_on`.
    """

    author: str
    version: str
    licence: str | None = None
    citation: str | None = None
    hardware: str
    file: str
    sha256: Identifier
    bytes: Bytes
    scored_on: str


class Record(Part):
    """One attempt at one cell; never edited once written. `reported` is null where it was run here."""

    schema_: Literal["kineticbench/record/1"] = Field("kineticbench/record/1", alias="schema")
    cell: Identifier
    run: RunIdentifier
    state: State
    reason: str | None
    trust: Trust = "rerun here"
    settings: Settings
    family: Literal["classical", "learned"] | None = None
    limits: Limits
    command: str | None = None
    code: Code
    fit: Fit | None = None
    solve: Solve | None = None
    metrics: Metrics | None = None
    diagnostics: dict[str, float | list[float | None] | None] = {}
    hardware: Hardware
    packages: dict[str, str]
    stored: Stored = Stored()
    reported: Reported | None = None

    @property
    def codes(self) -> set[str]:
        """Hashes of all code that made it: what ran, and what trained its fit where that is known."""
        return {self.code.hash} | ({self.fit.code} if self.fit and self.fit.code else set())

    def json_text(self) -> str:
        """The text of its file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


class Scores(Part):
    """New scores of a stored solution, beside the record that they belong to."""

    schema_: Literal["kineticbench/scores/1"] = Field("kineticbench/scores/1", alias="schema")
    cell: Identifier
    run: RunIdentifier
    created: str
    metrics: Metrics

    def json_text(self) -> str:
        """The text of its file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of records that is published."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Record.model_json_schema(by_alias=True)}
