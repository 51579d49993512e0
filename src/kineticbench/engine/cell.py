"""A cell: one dataset, one solver setting, one seed, one place to run; data with one canonical JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from .. import catalog
from ..contracts import Dataset, Device, Precision, Solver


def canonical_json(data: Any) -> str:
    """The one JSON text of some data: keys sorted, no spaces, no NaN; equal data give equal text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


@cache
def _quoted(text: str) -> str:
    return canonical_json(text)


@dataclass(frozen=True)
class PlugInSetting:
    """A plug-in with all its parameters.

    Parameters
    ----------
    name
        Its name.
    parameters
        All of them, defaults filled in, numbers coerced.
    label
        What tables call this setting; not part of what a cell is.
    source
        The path it is loaded from where it is neither ours nor installed; not part of what a cell is.
    """

    name: str
    parameters: dict[str, Any]
    label: str = ""
    source: str | None = None

    @cached_property
    def canonical(self) -> tuple[str, str]:
        """Canonical JSON of the name and of the parameters, which many cells share."""
        return canonical_json(self.name), canonical_json(self.parameters)

    @classmethod
    def of(cls, kind: catalog.Kind, name: str, parameters: dict[str, Any], label: str = "") -> PlugInSetting:
        """Fill in defaults, coerce numbers and check names."""
        instance = catalog.build(kind, name, parameters)
        plug_in = catalog.find(kind, name)
        full = json.loads(canonical_json(catalog.parameters(instance)))
        return cls(plug_in.name, full, label or catalog.setting(instance), name if name.endswith(".py") else None)

    def build(self, kind: catalog.Kind) -> Any:
        """The plug-in itself."""
        return catalog.build(kind, self.source or self.name, self.parameters)

    def plug_in(self, kind: catalog.Kind) -> catalog.PlugIn:
        """Where it comes from."""
        return catalog.find(kind, self.source or self.name)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is run once and makes one record.

    Parameters
    ----------
    dataset, split, cases, dataset_seed
        The problem: the first `cases` cases of a split (None: all of them) of the stream that `dataset_seed` draws.
    solver
        The method and its parameters.
    seed
        Seeds the fit and the drawing of particles.
    device, threads, precision
        Where and how it runs.
    """

    dataset: PlugInSetting
    solver: PlugInSetting
    split: str = "test"
    cases: int | None = None
    dataset_seed: int = 0
    seed: int = 0
    device: Device = "cpu"
    threads: int = 1
    precision: Precision = "float64"
    _id: str = field(default="", init=False, repr=False, compare=False)

    def settings(self) -> dict[str, Any]:
        """As it stands in a record; labels included."""
        return {
            "dataset": {
                "name": self.dataset.name,
                "parameters": self.dataset.parameters,
                "split": self.split,
                "cases": self.cases,
                "seed": self.dataset_seed,
            },
            "solver": {"name": self.solver.name, "setting": self.solver.label, "parameters": self.solver.parameters},
            "seed": self.seed,
            "device": self.device,
            "threads": self.threads,
            "precision": self.precision,
        }

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON of the settings without their labels."""
        if not self._id:
            (dataset, problem), (solver, parameters) = self.dataset.canonical, self.solver.canonical
            cases, split = "null" if self.cases is None else self.cases, _quoted(self.split)
            text = (
                f'{{"dataset":{{"cases":{cases},"name":{dataset},"parameters":{problem},'
                f'"seed":{self.dataset_seed},"split":{split}}},"device":"{self.device}","precision":"{self.precision}",'
                f'"seed":{self.seed},"solver":{{"name":{solver},"parameters":{parameters}}},"threads":{self.threads}}}'
            )
            object.__setattr__(self, "_id", hashlib.sha256(text.encode()).hexdigest())
        return self._id

    def to_dict(self) -> dict[str, Any]:
        """As it travels to a worker."""
        return {**self.settings(), "sources": {"dataset": self.dataset.source, "solver": self.solver.source}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Cell:
        """The inverse of `to_dict`; also reads the settings of a record, which name no sources."""
        dataset, solver, sources = data["dataset"], data["solver"], data.get("sources", {})
        return cls(
            PlugInSetting(dataset["name"], dataset["parameters"], "", sources.get("dataset")),
            PlugInSetting(solver["name"], solver["parameters"], solver["setting"], sources.get("solver")),
            dataset["split"],
            dataset["cases"],
            dataset["seed"],
            data["seed"],
            data["device"],
            data["threads"],
            data["precision"],
        )

    def build(self) -> tuple[Dataset, Solver]:
        """The dataset and the solver."""
        return self.dataset.build("datasets"), self.solver.build("solvers")
