"""The laboratory of the engine's tests, and the command line as people start it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_SPEC = importlib.util.spec_from_file_location("engine_conftest", Path(__file__).parents[1] / "engine" / "conftest.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_ENGINE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_ENGINE)


class Shop:
    """A laboratory with suites as files, and the words that start the command line."""

    command = (sys.executable, "-m", "kineticbench.cli")

    def __init__(self, folder: Path):
        self.folder = folder
        self.lab = _ENGINE.Lab(folder)
        self.results = folder / "results"

    def suite(self, *solvers: str, seeds: tuple[int, ...] = (0,), name: str = "mine") -> str:
        """A file with a suite of these solvers (paths) on the tiny dataset, not timed."""
        lines = [f"seeds = {list(seeds)}", "timing = false", "limits = {seconds = 100, setup_seconds = 100}"]
        lines += ["[[dataset]]", f"name = {str(self.lab.dataset)!r}"]
        lines += [line for solver in solvers for line in ("[[solver]]", f"name = {solver!r}")]
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def run(self, suite: str, *more: str) -> list[str]:
        """The words of a run."""
        return ["run", suite, "--results", str(self.results), *more]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture(scope="session")
def open_shop() -> type[Shop]:
    """For shops that several tests share."""
    return Shop


@pytest.fixture
def typed() -> Any:
    """The same, in a process of its own."""

    def done(*words: str) -> tuple[int, str, str]:
        ended = subprocess.run([*Shop.command, *words], capture_output=True, text=True, check=False, timeout=120)
        return ended.returncode, ended.stdout, ended.stderr

    return done
