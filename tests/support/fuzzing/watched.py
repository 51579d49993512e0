"""Reads an input under watch: what it raises, how long it takes, how much memory it asks for."""

from __future__ import annotations

import contextlib
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from kineticbench.contracts.errors import KineticbenchError

SECONDS = 5.0  # of the processor, for one input
SLACK = 96 << 20  # of address space beyond twice the input, for what is imported and for arenas of allocators


class Hangs(BaseException):
    """An input that takes too long."""


def refusal(read: Callable[[Path], None], folder: Path, size: int) -> str | None:
    """The sentence with which an input of `size` bytes is refused; None where it is taken.

    Whatever else happens is a fault of the reader: an exception of another kind, a sentence of several lines, more than
    `SECONDS`, more memory than twice the input and `SLACK`.
    """
    try:
        with _limited(size), warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            read(folder)
    except KineticbenchError as error:
        told = str(error)
        assert told.strip(), "a refusal without a reason"
        assert "\n" not in told, "a refusal of several lines"
        assert len(told) < 20_000, "a refusal that nobody reads"
        return told
    return None


@contextlib.contextmanager
def _limited(size: int) -> Iterator[None]:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise Hangs(f"It takes more than {SECONDS:g} s.")

    before = signal.signal(signal.SIGPROF, late)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + 2 * size + SLACK, hard))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
