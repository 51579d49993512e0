"""Reads a results folder of a hundred thousand records: each file is checked once, and again only if it has changed.

What was read is kept in a cache folder, in `SHELVES` files of which those with new records are written anew. A cache
changes nothing but the time: what is missing, torn, altered or of another version of the code is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache as once
from pathlib import Path

from pydantic import ValidationError

from ..contracts.errors import InvalidInput
from ..garbage import uncollected
from . import packing
from .attempt import Attempt
from .glance import LARGEST, NO_FILE, whole
from .record import Record, Scores
from .shelf import Packer, Shelf, Stamp, write
from .store import MISNAMED, NO_RECORD, RECORD_NAME, first_line
from .trust import rescored as rescored_here

SHELVES = 64
_HELPED_FROM = 4000
_UNSURE_NS = 2_000_000_000


@dataclass(frozen=True)
class Contents:
    """What a results folder holds.

    Parameters
    ----------
    records
        Every attempt, oldest first, with its newest scores.
    skipped
        Why files were passed over, by their name.
    folder
        Where they lie.
    """

    records: list[Attempt]
    skipped: dict[str, str]
    folder: Path

    def record(self, attempt: Attempt) -> Record:
        """All of the record of an attempt, read anew; its scores are the newest.

        Raises
        ------
        InvalidInput
            Where it has been removed or altered meanwhile.
        """
        name = f"{attempt.cell}.{attempt.run}"
        try:
            found = Record.model_validate_json(whole(f"{self.folder}/{name}.json"))
            best: Scores | None = None
            for path in sorted(self.folder.glob(f"{name}.scores-*.json")) if _is_rescored(attempt) else ():
                with contextlib.suppress(ValidationError):
                    scores = Scores.model_validate_json(whole(str(path)))
                    if (scores.cell, scores.run) == (attempt.cell, attempt.run) and (
                        best is None or scores.created >= best.created
                    ):
                        best = scores
        except (ValidationError, OSError) as error:
            raise InvalidInput(f"{name}.json: {first_line(error)}.", "Build again.") from error
        return found if best is None else found.model_copy(update={"metrics": best.metrics, "trust": attempt.trust})


def read(folder: Path, cache: Path | None = None) -> Contents:
    """Everything in a results folder; files that are torn, foreign or misnamed are passed over and named.

    Parameters
    ----------
    folder
        The results folder.
    cache
        A folder of the reader's own (`default_cache` names one); where it cannot be written to, or by default, nothing
        is kept.

    Raises
    ------
    InvalidInput
        Where there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InvalidInput(f"There is no results folder {folder}.", "Make one with kineticbench run.")
    with uncollected(), tempfile.TemporaryDirectory(prefix="kineticbench-") as scratch:
        kept = Path(scratch) if cache is None or not _is_writable(Path(cache)) else Path(cache)
        return _contents(folder, kept)


def default_cache(folder: Path) -> Path:
    """Where what was read of a results folder is kept: in the user's cache, under a name that tells folders apart."""
    from ..numerics import cache

    return cache.folder() / "readings" / hashlib.sha256(str(Path(folder).resolve()).encode()).hexdigest()[:16]


def _is_rescored(attempt: Attempt) -> bool:
    return "+" in attempt.content


def fill(folder: Path, cache: Path, numbers: Iterable[int]) -> None:
    """Bring some shelves up to date."""
    files, _ = _files(folder)
    for number in numbers:
        _refreshed(folder, cache, number, files[number], Shelf.read(_path(cache, number), _version()))


def _contents(folder: Path, cache: Path) -> Contents:
    files, skipped = _files(folder)
    attempts: dict[tuple[str, str], Attempt] = {}
    rescored = []
    unpacker = packing.Unpacker()
    for shelf in _shelves(folder, cache, files):
        for name, _, row, figures in shelf:
            if isinstance(row, str):
                skipped[name] = row
            elif row[1] == packing.SCORES:
                rescored.append(unpacker.scores(name, row, figures))
            else:
                made = unpacker.attempt(name, row, figures)
                attempts[made.cell, made.run] = made
    for cell, run, _, content, metrics in sorted(rescored, key=lambda scores: scores[2]):
        old = attempts.get((cell, run))
        if old is not None:
            content = f"{old.content.partition('+')[0]}+{content}"
            attempts[cell, run] = replace(old, metrics=metrics, trust=rescored_here(old.trust), content=content)
    ordered = sorted(attempts.values(), key=lambda it: (it.run, it.cell))
    return Contents(ordered, dict(sorted(skipped.items())), folder)


def _files(folder: Path) -> tuple[list[dict[str, Stamp]], dict[str, str]]:
    """The files to be read with their stamps, for each shelf, and those that are no records."""
    files: list[dict[str, Stamp]] = [{} for _ in range(SHELVES)]
    skipped: dict[str, str] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if not name.endswith(".json"):
                continue
            if RECORD_NAME.match(name) is None:
                skipped[name] = NO_RECORD
                continue
            try:
                about = entry.stat()
            except OSError as error:
                skipped[name] = str(error.strerror or error)
                continue
            if not stat.S_ISREG(about.st_mode):
                skipped[name] = NO_FILE
            elif about.st_size > LARGEST:
                skipped[name] = f"it is larger than {LARGEST >> 20} MiB"
            else:
                files[int(name[:2], 16) % SHELVES][name] = (about.st_size, about.st_mtime_ns, about.st_ino)
    return [dict(sorted(part.items())) for part in files], skipped


def _shelves(folder: Path, cache: Path, files: list[dict[str, Stamp]]) -> list[Shelf]:
    """All shelves, those with new files made anew: every other one by a second process where there is much to read."""
    numbers = [number for number, part in enumerate(files) if part]
    held = {number: Shelf.read(_path(cache, number), _version()) for number in numbers}
    new = [number for number in numbers if not _holds(held[number], files[number])]
    unread = sum(_unread(held[number], files[number]) for number in new)
    helped = new[1::2] if unread >= _HELPED_FROM and (os.cpu_count() or 1) > 1 else []
    with _helper(folder, cache, helped):
        for number in new:
            if number not in helped:
                held[number] = _refreshed(folder, cache, number, files[number], held[number])
    for number in helped:
        shelf = Shelf.read(_path(cache, number), _version())
        if not _holds(shelf, files[number], fresh=True):
            shelf = _refreshed(folder, cache, number, files[number], shelf)
        held[number] = shelf
    return [shelf for shelf in held.values() if shelf is not None]


@contextlib.contextmanager
def _helper(folder: Path, cache: Path, numbers: list[int]) -> Iterator[None]:
    """A process that fills these shelves while the block runs, and is waited for; what it leaves is made up for."""
    if not numbers:
        yield
        return
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]))
    helper = subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.reading_helper", str(folder), str(cache), *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        yield
        helper.wait()
    finally:
        helper.kill()
        helper.wait()


def _refreshed(folder: Path, cache: Path, number: int, files: Mapping[str, Stamp], old: Shelf | None) -> Shelf:
    """A shelf that holds just these files; those that are new or have changed are read."""
    packer = Packer(_version(), packing.SHARED)
    left = dict(files)
    for name, stamp, row, figures in old or ():
        if left.get(name) == stamp:
            del left[name]
            if isinstance(row, str):
                packer.skip(name, stamp, row)
            else:
                packer.add(name, stamp, row, figures)
    for name, stamp in left.items():
        _pack(packer, folder, name, stamp)
    pieces = packer.pieces()
    kept = write(_path(cache, number), pieces) and Shelf.read(_path(cache, number), _version())
    return kept or Shelf(b"".join(pieces))


def _pack(packer: Packer, folder: Path, name: str, stamp: Stamp) -> None:
    """Read and check one file. If it may still change within the same tick of the clock, it is read again next time."""
    if time.time_ns() - stamp[1] < _UNSURE_NS:
        stamp = (*stamp[:2], 0)
    match = RECORD_NAME.match(name)
    assert match is not None
    try:
        text = whole(f"{folder}/{name}")
        part = (Scores if match[3] else Record).model_validate_json(text)
        if (part.cell, part.run) != (match[1], match[2]):
            packer.skip(name, stamp, MISNAMED)
        else:
            packer.add(name, stamp, *packing.row(hashlib.blake2b(text, digest_size=8).hexdigest(), part))
    except (ValidationError, OSError) as error:
        packer.skip(name, stamp, first_line(error))


def _holds(shelf: Shelf | None, files: Mapping[str, Stamp], *, fresh: bool = False) -> bool:
    """Whether a shelf holds just these files as they are; a fresh one may hold some that are to be read again."""
    stamps = shelf.stamps if shelf else {}
    if fresh:
        return {name: stamp[:2] for name, stamp in stamps.items()} == {name: s[:2] for name, s in files.items()}
    return stamps == files


def _unread(shelf: Shelf | None, files: Mapping[str, Stamp]) -> int:
    stamps = shelf.stamps if shelf else {}
    return sum(stamps.get(name) != stamp for name, stamp in files.items())


def _is_writable(cache: Path) -> bool:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            return True
    except OSError:
        return False


def _path(cache: Path, number: int) -> Path:
    return cache / f"{number:02d}.shelf"


@once
def _version() -> str:
    """A hash of the code that checks and packs records."""
    here = Path(__file__).parent
    text = b"".join((here / f"{name}.py").read_bytes() for name in ("reading", "packing", "shelf", "record"))
    return hashlib.sha256(text).hexdigest()[:16]
