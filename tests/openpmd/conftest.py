"""A tiny dataset, files that answer it, and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stream_answers import AUTHOR, stream
from tiny_plug_in import NAME, installed

from kineticbench.openpmd.export import Exported, Order, pose
from kineticbench.openpmd.reading import write_solution


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with installed(tmp_path_factory.mktemp("plug_in")):
        yield NAME


@pytest.fixture
def posed(dataset: str) -> Callable[..., Exported]:
    def made(cases: int = 3, **parameters: Any) -> Exported:
        return pose(Order(dataset, parameters, cases=cases))

    return made


@pytest.fixture
def answer(posed: Callable[..., Exported], tmp_path: Path) -> Callable[..., Path]:
    """Writes a file that answers the tiny dataset, changed by a function that gets it open."""

    def made(change: Callable[[Any], None] | None = None, shift: float = 0.125, cases: int = 3, **author: Any) -> Path:
        import h5py

        path = tmp_path / "answer.h5"
        problem = posed(cases)
        write_solution(path, stream(problem, shift), problem, AUTHOR | author)
        if change is not None:
            with h5py.File(path, "r+") as file:
                change(file)
        return path

    return made
