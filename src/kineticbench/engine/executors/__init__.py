"""Where cells are run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...contracts.errors import InvalidInput, UnknownName
from ..handle import Outcome
from ..plan import Job

NAMES = ("local", "dask")

Listener = Callable[[Job, dict[str, Any]], None]


class Executor(ABC):
    """Runs jobs somewhere."""

    @abstractmethod
    def hardware(self) -> frozenset[str]:
        """Identifiers of the machines that cells would be run on."""

    @abstractmethod
    def run(
        self, jobs: Sequence[Job], listener: Listener, stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        """Run jobs, yielding each with its outcome; none is begun any more once `stopping` says so."""

    @abstractmethod
    def close(self) -> None:
        """End whatever it keeps between runs."""


def executor(
    name: str,
    lanes: int = 1,
    pinned: Sequence[int] = (),
    scheduler: str | None = None,
    workers: int = 1,
    command: str | None = None,
) -> Executor:
    """The executor of that name, with what the command line says of it.

    Raises
    ------
    InvalidInput
        For an unknown name, an option of another executor, and a scheduler that does not answer.
    """
    if name not in NAMES:
        raise UnknownName.among("executor", name, NAMES)
    if name == "local":
        if scheduler is not None or workers > 1:
            option = "--scheduler" if scheduler is not None else "--workers"
            raise InvalidInput(f"{option} is of the executor dask.", "Add --executor dask.")
        from .local import Local

        return Local(lanes, pinned)
    if pinned:
        raise InvalidInput("--pin is of the executor local.", "Start Dask workers on the cores that they shall have.")
    if lanes > 1:
        raise InvalidInput("--lanes is of the executor local.", "Say --workers instead.")
    if scheduler is not None and workers > 1:
        raise InvalidInput("--workers is for a cluster of its own, and --scheduler names one.", "Leave out one.")
    from .dask import Dask

    return Dask(scheduler, workers, command)
