"""Asks a worker what plug-ins make of their parameters, so that one that crashes takes nothing with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import catalog
from ..contracts.errors import InvalidInput
from .cell import Cell, PlugInSetting, canonical_json
from .handle import Place, WorkerHandle
from .suite import SolverEntry, Suite


class Resolver:
    """Asks a worker what plug-ins make of their parameters."""

    def __init__(self, suite: Suite):
        self._place = Place(suite.device, 1, suite.precision)
        self._limits = suite.limits.model_dump()
        self._worker: WorkerHandle | None = None
        self._known: dict[str, PlugInSetting] = {}

    def __enter__(self) -> Resolver:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._worker is not None:
            self._worker.close()

    def setting(self, kind: catalog.Kind, name: str, parameters: dict[str, Any]) -> PlugInSetting:
        """A plug-in with all its parameters; as given where loading it fails."""
        return self.settings(kind, name, [parameters])[0]

    def settings(self, kind: catalog.Kind, name: str, several: Sequence[dict[str, Any]]) -> list[PlugInSetting]:
        """One plug-in with each of several sets of parameters, asked for together, and apart where that fails."""
        keys = [canonical_json([kind, name, parameters]) for parameters in several]
        asked = {key: it for key, it in zip(keys, several, strict=True) if key not in self._known}
        if len(asked) > 1 and (answers := self._resolved(kind, name, list(asked.values()))) is not None:
            self._known |= zip(asked, answers, strict=True)
            asked = {}
        for key, parameters in asked.items():
            answers = self._resolved(kind, name, [parameters])
            self._known[key] = answers[0] if answers else self._as_given(kind, name, parameters)
        return [self._known[key] for key in keys]

    def _resolved(self, kind: catalog.Kind, name: str, several: list[dict[str, Any]]) -> list[PlugInSetting] | None:
        answers = self._ask({"op": "resolve", "kind": kind, "name": name, "parameters": several})
        return None if answers is None else [PlugInSetting(**answer) for answer in answers]

    def _as_given(self, kind: catalog.Kind, name: str, parameters: dict[str, Any]) -> PlugInSetting:
        source = name if name.endswith(".py") else None
        return PlugInSetting(catalog.find(kind, name).name, parameters, "as given", source)

    def ladder(self, template: Cell, entry: SolverEntry) -> list[PlugInSetting]:
        """The author's settings for a problem; the defaults where there are none to be had."""
        base = self.setting("solvers", entry.name, {})
        cell = Cell.from_dict({**template.to_dict(), "solver": {**_as_dict(base), "setting": base.label}})
        cell = Cell.from_dict({**cell.to_dict(), "sources": {**cell.to_dict()["sources"], "solver": base.source}})
        rungs = self._ask({"op": "ladder", "cell": cell.to_dict()}, strict=False)
        return [PlugInSetting(base.name, **rung, source=base.source) for rung in rungs or []] or [base]

    def _ask(self, job: dict[str, Any], strict: bool = True) -> Any:
        if self._worker is None or not self._worker.alive:
            self._worker = WorkerHandle(self._place)
        outcome = self._worker.run({**job, "limits": self._limits})
        if outcome.invalid and strict:
            raise InvalidInput(outcome.reason or "")
        return outcome.answer if outcome.state == "ok" else None


def _as_dict(setting: PlugInSetting) -> dict[str, Any]:
    return {"name": setting.name, "parameters": setting.parameters}
