"""Whether a change of the repository is a submission: one solver's own files and nothing else.

Everything is read from git's objects: nothing is checked out, no link is followed, nothing is executed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..contracts.errors import InvalidInput
from ..results.confined import OWN_NAME
from .contents import Content, faults_of
from .source import foreign, telling

SOLVERS, RECORDS, FITS = "solvers", "leaderboard/records", "leaderboard/fits"
_NAME = f"(?P<name>{OWN_NAME.pattern})"
_KINDS = {
    "solver": (re.compile(rf"solvers/{_NAME}\.py"), 200_000),
    "record": (re.compile(r"leaderboard/records/[0-9a-f]{64}\.\d{8}T\d{6}Z-[0-9a-f]{4,16}\.json"), 1 << 20),
    "fit": (re.compile(rf"leaderboard/fits/{_NAME}-[0-9a-f]{{16}}\.json"), 1 << 20),
    "weights": (re.compile(rf"leaderboard/fits/{_NAME}-[0-9a-f]{{16}}\.safetensors"), 10_000_000),
    "test": (re.compile(rf"tests/(solvers|validation)/test_{_NAME}\.py"), 100_000),
}
_CHANGED = ("solver", "test")  # what an author may change later; everything else is only added
MOST_FILES, MOST_BYTES = 3000, 100_000_000
_MODES = {"100644": "", "100755": "is executable", "120000": "is a symbolic link", "160000": "is a submodule"}


@dataclass(frozen=True)
class Change:
    """A file that differs between two commits: git's letter for how, its new mode, object, path and size."""

    how: str
    mode: str
    object: str
    path: str
    size: int


@dataclass(frozen=True)
class Looked:
    """What was found.

    Parameters
    ----------
    solver
        Whose submission it is; None where that cannot be told.
    count
        How many files were changed.
    faults
        What must be mended.
    notes
        What whoever reviews it should look at.
    """

    solver: str | None
    count: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def look(repository: Path, base: str, head: str = "HEAD") -> Looked:
    """Look at what `head` changed since it left `base`.

    Raises
    ------
    InvalidInput
        Where there is no repository or no such commit.
    """
    changes = _changes(repository, base, head)
    if len(changes) > MOST_FILES:
        return Looked(None, len(changes), (f"it has more than {MOST_FILES} files",), ())
    changes = [_sized(repository, change) for change in changes]
    faults, kinds = [], dict[str, str]()
    owners: dict[str, str] = {}
    for change in changes:
        kind, match = _kind(change.path)
        told = _fault(change, kind)
        if told:
            faults.append(told)
        elif kind is not None and match is not None:
            kinds[change.path] = kind
            if "name" in match.groupdict():
                owners[change.path] = match["name"]
    solver = next((name for path, name in owners.items() if kinds[path] == "solver"), None)
    solver = solver or next(iter(owners.values()), None)
    faults += [
        f"{path} is of {name}, and this is a submission of {solver}" for path, name in owners.items() if name != solver
    ]
    if sum(change.size for change in changes) > MOST_BYTES:
        faults.append(f"it has more than {MOST_BYTES // 10**6} MB")
        return Looked(solver, len(changes), tuple(faults), ())
    if not any(kind == "record" for kind in kinds.values()):
        faults.append("it has no records of its own in leaderboard/records")
    source = _source(repository, head, solver)
    if source is None:
        faults.append("there is no file solvers/NAME.py that its records could be of")
        return Looked(solver, len(changes), tuple(faults), ())
    sent = [
        Content(kinds[change.path], change.path, _git(repository, "cat-file", "blob", change.object))
        for change in changes
        if change.path in kinds
    ]
    faults += faults_of(sent, solver or "", source)
    notes = [
        f"{change.path} was there before: is it its author who changes it?" for change in changes if change.how == "M"
    ]
    faults += [f"solvers/{solver}.py imports {name}, which is the engine's" for name in _looked_at(foreign, source)]
    notes += [f"solvers/{solver}.py {what}" for what in _looked_at(telling, source)]
    return Looked(solver, len(changes), tuple(faults), tuple(notes))


def _looked_at(look_for: Callable[[bytes], list[str]], source: bytes) -> list[str]:
    """What the source of a solver says of itself; nothing where it is no Python, which is told with its code."""
    try:
        return look_for(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _kind(path: str) -> tuple[str | None, re.Match[str] | None]:
    for kind, (pattern, _) in _KINDS.items():
        if match := pattern.fullmatch(path):
            return kind, match
    return None, None


def _fault(change: Change, kind: str | None) -> str:
    """What is wrong with a change before its content is looked at; empty where nothing is."""
    shown = ascii(change.path)[1:-1][:200]
    if change.how == "D":
        return f"{shown} was removed"
    if kind is None:
        return f"{shown} is no file of a submission"
    if change.mode != "100644":
        return f"{shown} {_MODES.get(change.mode, f'has the mode {change.mode}')}"
    if change.how != "A" and kind not in _CHANGED:
        return f"{shown} was there before, and is only ever added"
    most = _KINDS[kind][1]
    return f"{shown} has {change.size} bytes, more than {most}" if change.size > most else ""


def _changes(repository: Path, base: str, head: str) -> list[Change]:
    for commit in (base, head):
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./~^-]{0,200}", commit):
            raise InvalidInput(f"{commit[:60]!r} is no name of a commit.", "Give a branch or a hash.")
    listed = _git(repository, "diff", "--raw", "-z", "--no-renames", "--no-abbrev", f"{base}...{head}", "--")
    fields = listed.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for about, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, object_, how = about.removeprefix(":").split(" ")
        found.append(Change(how[0], mode, object_, path, 0))
    return found


def _sized(repository: Path, change: Change) -> Change:
    """With the size of its new content, which git looks up one by one."""
    if change.how == "D" or change.mode not in ("100644", "100755", "120000"):
        return change
    return replace(change, size=int(_git(repository, "cat-file", "-s", change.object)))


def _source(repository: Path, head: str, solver: str | None) -> bytes | None:
    """The solver's file in the new commit, changed or not."""
    if solver is None:
        return None
    try:
        return _git(repository, "cat-file", "blob", f"{head}:solvers/{solver}.py")
    except InvalidInput:
        return None


def _git(repository: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, check=False)
    except OSError as error:
        raise InvalidInput(f"git cannot be run: {error.strerror}.", "Install it.") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InvalidInput(f"git {words[0]}: {told[0][:200] if told else 'failed'}.", "Run it in a checkout.")
    return done.stdout
