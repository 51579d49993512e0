"""Runs outside: looks into a stranger's file ("open"), or scores what was found there ("score").

Run by the keeper as `python -m kineticbench.openpmd.worker INCOMING OUTGOING`, two descriptors. The two are asked of
different processes: the one that lets the HDF5 library parse the file imports nothing else that is large, may write
nothing but the plain copy, and hands on a manifest; the one that scores reads plain bytes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from ..engine.protocol import Channel, Message

DATA = 1 << 29  # bytes that the process which parses may come to hold at most, beside what it starts with


def main(arguments: list[str]) -> None:
    """Answer messages until the other side closes its pipe."""
    incoming, outgoing = int(arguments[0]), int(arguments[1])
    for descriptor in (incoming, outgoing):
        os.set_inheritable(descriptor, False)
    channel, closed = Channel(incoming, outgoing), False
    while (message := channel.receive()) is not None:
        channel.send({"event": "clock", "running": True})
        if message["op"] == "open" and not closed:
            closed = True
            _confine(int(message["copy_bytes"]))
        channel.send({"event": "done", **_answer(message), "highest_bytes": _highest()})
    os._exit(0)


def _confine(copy_bytes: int) -> None:
    """Take from this process what parsing does not need; the system refuses what is beyond."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        import h5py  # noqa: F401 (its own memory does not count)

        held = 0
        with contextlib.suppress(OSError):
            pages = int(Path("/proc/self/statm").read_text().split()[5])
            held = pages * os.sysconf("SC_PAGE_SIZE")
        for limit, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, copy_bytes),
            (resource.RLIMIT_DATA, held + DATA),
        ):
            resource.setrlimit(limit, (most, most))


def _highest() -> int:
    """The most memory that this process has held so far; 0 where the system does not say."""
    with contextlib.suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform == "linux" else 1)
    return 0


def _answer(message: Message) -> Message:
    from ..contracts.errors import KineticbenchError
    from .bounds import Refused

    try:
        return {"answer": _OPERATIONS[message["op"]](message)}
    except KineticbenchError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "It needs more memory than it may take."}
    except Exception as error:  # whatever a library makes of such a file
        said = " ".join(str(error).split())[:300]
        return {"refused": str(Refused(f"It cannot be read: {type(error).__name__}: {said}."))}


def _open(message: Message) -> Any:
    from .examine import examined
    from .layout import manifest
    from .outside import as_json
    from .unpack import Unpacker

    with Path(message["copy"]).open("wb") as copy, examined(Path(message["file"])) as root:
        return as_json(manifest(root, Unpacker(copy)))


def _score(message: Message) -> Any:
    from .rating import rate

    return rate(message)


_OPERATIONS = {"open": _open, "score": _score}


if __name__ == "__main__":
    main(sys.argv[1:])
