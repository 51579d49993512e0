"""Fits that travel to machines which do not see the results folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..cell import Cell


class Fits:
    """The fits of a results folder.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._settings: dict[str, dict[str, Any]] = {}
        self.travel = False

    def wanted(self, cell: Cell) -> dict[str, bytes]:
        """Files, by name, of all fits that a cell may ask for; none unless they must `travel`.

        Which of them it is, only the solver can tell: those of the same solver, dataset and seeds it may be.
        """
        if not self.travel:
            return {}
        files: dict[str, bytes] = {}
        for sheet in self._folder.glob(f"{cell.solver.name}-*.json"):
            weights = sheet.with_suffix(".safetensors")
            if weights.is_file() and self._fits(sheet, cell):
                files |= {path.name: path.read_bytes() for path in (weights, sheet)}
        return files

    def _fits(self, sheet: Path, cell: Cell) -> bool:
        settings = self._settings.get(sheet.name)
        if settings is None:
            try:
                settings = json.loads(sheet.read_bytes())["settings"]
            except (OSError, ValueError, KeyError):  # of no use here, and named where it is asked for
                return False
            self._settings[sheet.name] = settings
        dataset = settings["dataset"]
        return (dataset["name"], dataset["parameters"], dataset["seed"], settings["seed"], settings["precision"]) == (
            cell.dataset.name,
            cell.dataset.parameters,
            cell.dataset_seed,
            cell.seed,
            cell.precision,
        )
