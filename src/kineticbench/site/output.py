"""A fresh folder that takes over what has not changed from the site that stands in its place."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from ..contracts.errors import InvalidInput

STAMP = ".kineticbench-site"


class Output:
    """Files of a site in the making; they take the place of the old one together, or not at all.

    Use as a context: leaving it without an error puts the new folder in place.

    Parameters
    ----------
    target
        Where the site shall stand.
    """

    def __init__(self, target: Path):
        self.target = target
        self.bytes = self.files = self.written = 0
        self._keys: dict[str, list[str | int]] = {}
        self._old: dict[str, list[str | int]] = {}
        self._folders: set[Path] = set()

    def __enter__(self) -> Output:
        with contextlib.suppress(OSError, ValueError):
            self._old = dict(json.loads((self.target / STAMP).read_bytes()))
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._scratch = Path(tempfile.mkdtemp(dir=self.target.parent, prefix=f".{self.target.name[:40]}."))
        except OSError as error:
            raise _unwritable(self.target, error) from error
        self._fresh = self._scratch / "new"
        self._fresh.mkdir(mode=0o755)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None:
                self.put(STAMP, json.dumps(self._keys, sort_keys=True, separators=(",", ":")).encode())
                if self.target.exists():
                    self.target.rename(self._scratch / "old")
                self._fresh.rename(self.target)
        except OSError as failed:
            raise _unwritable(self.target, failed) from failed
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)
        if isinstance(error, OSError):
            raise _unwritable(self.target, error) from error

    def put(self, name: str, content: bytes) -> None:
        """A file with this content; the old one, where it is the same."""
        with contextlib.suppress(OSError):
            old = self.target / name
            if old.stat().st_size == len(content) and old.read_bytes() == content and self._take(name):
                return
        self._place(name).write_bytes(content)
        self._count(len(content), written=True)

    def keyed(self, name: str, key: str, content: Callable[[], bytes]) -> None:
        """A file whose content follows from `key`: the old one where its key is the same, else made anew."""
        if self.kept(name, key):
            self.keep(name)
            return
        made = content()
        self._place(name).write_bytes(made)
        self._keys[name] = [key, len(made)]
        self._count(len(made), written=True)

    def kept(self, name: str, key: str) -> bool:
        """Whether the old site has this file, with this key and whole."""
        known = self._old.get(name)
        try:
            return known is not None and known == [key, (self.target / name).stat().st_size]
        except OSError:
            return False

    def keep(self, name: str) -> None:
        """Take a file over from the old site."""
        if not self._take(name):
            raise OSError(f"{name} cannot be copied")
        if name in self._old:
            self._keys[name] = self._old[name]

    def old(self, name: str) -> bytes:
        """The content of a file that is kept."""
        return (self.target / name).read_bytes()

    def _take(self, name: str) -> bool:
        source, place = self.target / name, self._place(name)
        try:
            os.link(source, place)
        except OSError:
            try:
                shutil.copy2(source, place)
            except OSError:
                return False
        self._count(place.stat().st_size, written=False)
        return True

    def _place(self, name: str) -> Path:
        place = self._fresh / name
        if place.parent not in self._folders:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(place.parent)
        return place

    def _count(self, size: int, *, written: bool) -> None:
        self.bytes += size
        self.files += 1
        self.written += written


def require_replaceable(target: Path, records: Path) -> None:
    """`InvalidInput` unless a site may stand here: nothing does, or an older site."""
    inside = records.resolve()
    if target.resolve() in (inside, *inside.parents):
        raise InvalidInput(f"{target} holds the records and cannot be replaced by a site.", "Choose another --output.")
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InvalidInput(f"{target} is not a folder.", "Choose another --output.")
    if target.is_dir() and any(target.iterdir()) and not (target / STAMP).is_file():
        raise InvalidInput(f"{target} holds files that are not a site of ours.", "Choose an empty or new folder.")


def _unwritable(target: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"Cannot write {target}: {error.strerror or error}.", "Choose another --output.")
