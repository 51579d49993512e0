"""Writes records while the next cell begins: waiting for the disk takes longer than all else that the engine does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from ..files import write_atomically
from ..results.record import Record
from ..results.store import Store

_AT_A_TIME = 4  # the disk makes several files safe in the time of one


class Writer:
    """Writes records and logs to a folder, a few at a time; on leaving it all of them are safe.

    Parameters
    ----------
    store
        The results folder.
    """

    def __init__(self, store: Store):
        self._store, self._writers = store, ThreadPoolExecutor(_AT_A_TIME, "writer")
        self._begun: deque[Future[None]] = deque()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None):
        self._writers.shutdown()
        if kind is None:
            self._settle(0)

    def write(self, record: Record, log: str, written: Callable[[], None]) -> None:
        """Begin to write a record, its log first, and call `written` then.

        Raises
        ------
        CannotWrite
            Where the folder is unwritable or the disk is full: for this record, or one that was begun before it.
        """
        self._begun.append(self._writers.submit(self._write, record, log, written))
        self._settle(_AT_A_TIME)

    def settle(self) -> None:
        """Wait until everything is written; raises as `write`."""
        self._settle(0)

    def _settle(self, most: int) -> None:
        while self._begun and (len(self._begun) > most or self._begun[0].done()):
            self._begun.popleft().result()

    def _write(self, record: Record, log: str, written: Callable[[], None]) -> None:
        try:
            write_whole(self._store, record, log)
        finally:
            written()


def write_whole(store: Store, record: Record, log: str) -> None:
    """Write a record, its log first; an empty one is there already."""
    if log and record.stored.log is not None:
        write_atomically(store.folder / record.stored.log, log.encode())
    store.write(record)
