"""The few figures of a record that can be found without reading the rest: a hundred thousand files in seconds."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from .record import Record

_STRING = re.compile(rb'"(?:[^"\\\n]|\\.)*"')
_OPENINGS = (
    b'\n "cell": ',
    b'\n "run": ',
    b'\n "state": ',
    b'\n "reason": ',
    b'\n "settings": {\n  "dataset": {\n   "name": ',
    b'\n  "solver": {\n   "name": ',
    b'\n   "setting": ',
    b'\n "code": {\n  "hash": ',
)
_FIT, _NOISY, _METRICS = b'\n "fit": {\n  "code": ', b'\n  "noisy": true', b'\n "metrics": '
_HARDWARE = b'\n "hardware": {\n  "id": '
_END = b"\n}\n"
_PIECE = 1 << 16
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
LARGEST = 1 << 24
NO_FILE = "it is not a file"


@dataclass(frozen=True, slots=True)
class Glance:
    """What an attempt was and how it ended.

    Parameters
    ----------
    cell, run, state, reason
        As in the record.
    hardware, code, fit
        The machine, the code that ran, and the code that trained the fit it used (empty where there was none).
    dataset, solver, setting
        Their names.
    noisy
        Whether it was timed on a busy machine.
    """

    cell: str
    run: str
    state: str
    reason: str | None
    hardware: str
    code: str
    dataset: str
    solver: str
    setting: str
    fit: str = ""
    noisy: bool = False

    @property
    def codes(self) -> set[str]:
        """As `Record.codes`."""
        return {self.code, self.fit or self.code}


def glance(text: bytes) -> Glance | None:
    """Look at the file of a record; None where it is none, which `Record.model_validate_json` can say more about.

    The keys are found by their places in the text that `Record.json_text` writes: what follows a line break there is
    never part of a string.
    """
    if text.endswith(_END):
        try:
            return _found(text)
        except ValueError:
            pass  # as another program may write it
    try:
        record = Record.model_validate_json(text)
    except ValidationError:
        return None
    settings = record.settings
    return Glance(
        record.cell,
        record.run,
        record.state,
        record.reason,
        record.hardware.id,
        record.code.hash,
        settings.dataset.name,
        settings.solver.name,
        settings.solver.setting,
        (record.fit.code if record.fit else None) or "",
        record.solve is not None and record.solve.noisy,
    )


def current(glances: Iterable[Glance]) -> list[Glance]:
    """As `store.current`: for each cell and hardware the newest that is ok, else the newest."""
    best: dict[tuple[str, str], Glance] = {}
    for it in glances:
        key = it.cell, it.hardware
        held = best.get(key)
        if held is None or (it.state == "ok", it.run) > (held.state == "ok", held.run):
            best[key] = it
    return sorted(best.values(), key=lambda it: (it.cell, it.hardware))


def _found(text: bytes) -> Glance:
    head = text[: text.index(_METRICS)]
    found, at = [], 0
    for opening in _OPENINGS:
        at = head.index(opening, at) + len(opening)
        found.append(_value(head, at))
    hardware = _value(text, text.rindex(_HARDWARE) + len(_HARDWARE))
    cell, run, state, reason, dataset, solver, setting, code = found
    fit_at = head.find(_FIT, at)
    fit = None if fit_at < 0 else _value(head, fit_at + len(_FIT))
    noisy = head.find(_NOISY, at) >= 0
    if None in (cell, run, state, hardware, code, dataset, solver, setting):
        raise ValueError("a name is null")
    return Glance(cell, run, state, reason, hardware, code, dataset, solver, setting, fit or "", noisy)


def _value(text: bytes, at: int) -> Any:
    """The string or null that stands there; `ValueError` where there is neither."""
    if text.startswith(b"null", at):
        return None
    found = _STRING.match(text, at)
    if found is None:
        raise ValueError("There is no string.")
    return json.loads(found[0]) if b"\\" in found[0] else found[0][1:-1].decode()


def whole(path: str) -> bytes:
    """All of a file, with as few calls of the system as can be; `OSError` where it is none, or larger than `LARGEST`.

    A pipe or a device that has the name of a record is not waited for.
    """
    handle = os.open(path, os.O_RDONLY | _AT_ONCE)
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, NO_FILE)
        if about.st_size > LARGEST:
            raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MiB")
        parts = [os.read(handle, _PIECE)]
        while len(parts[-1]) == _PIECE:
            parts.append(os.read(handle, _PIECE))
    finally:
        os.close(handle)
    return b"".join(parts)
