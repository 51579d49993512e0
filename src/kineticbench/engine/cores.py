"""Which processor cores workers are held to, and who keeps off them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from ..contracts.errors import InvalidInput
from .environment import hardware

_CAN = hasattr(os, "sched_setaffinity")


@cache
def usable() -> tuple[int, ...] | None:
    """The cores that this process was given when it started; None where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if _CAN else None


def held() -> list[int] | None:
    """The cores that this process is held to; None where these are all that it was given."""
    given = usable()
    now = sorted(os.sched_getaffinity(0)) if _CAN else []
    return None if given is None or len(now) == len(given) else now


def hold(cores: Sequence[int]) -> None:
    """Hold this thread, and all that it starts, to some cores."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, cores)


def chosen(text: str, threads: int, lanes: int = 1) -> tuple[int, ...]:
    """Cores from a list such as "0,1"; "auto" chooses the last ones, as many as `lanes` workers of `threads` need.

    Raises
    ------
    InvalidInput
        For what is no list of usable cores, for fewer than one worker needs, and where the system knows no cores.
    """
    given = usable()
    if given is None:
        raise InvalidInput("This system cannot hold processes to cores.", "Leave out --pin.")
    needed = threads * lanes
    if text == "auto":
        return given[-needed:]
    try:
        cores = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(f"--pin takes a list of cores, got {text!r}.", "Write for instance 0,1.") from None
    missing = [core for core in cores if core not in given]
    if missing or len(set(cores)) < len(cores):
        known = ",".join(map(str, given))
        raise InvalidInput(f"--pin takes each usable core at most once, got {text}.", f"Usable are {known}.")
    if len(cores) < threads:
        raise InvalidInput(
            f"--pin gives {len(cores)} of the {threads} cores that {threads} threads need.", "Name more cores."
        )
    return cores


def share(pinned: Sequence[int], threads: int, lane: int) -> tuple[int, ...] | None:
    """The cores of one of several workers side by side: of those that are pinned, otherwise of all, the last first.

    None where a worker needs all cores, or where the system knows none.
    """
    given = usable()
    if given is None or (not pinned and threads >= len(given)):
        return None
    cores = tuple(pinned) or given[::-1]
    begin = lane % max(len(cores) // threads, 1) * threads
    return tuple(sorted(cores[begin : begin + threads]))


@contextmanager
def kept_off(pinned: Sequence[int]) -> Iterator[None]:
    """Keep this process, and the keepers that it starts meanwhile, off some cores where there are others."""
    hardware()  # counts cores, so it must be asked before
    given = usable()
    others = set(given or ()) - set(pinned)
    if not pinned or not others or given is None:
        yield
        return
    _hold_threads(others)
    try:
        yield
    finally:
        _hold_threads(set(given))


def _hold_threads(cores: set[int]) -> None:
    for thread in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(int(thread), cores)
