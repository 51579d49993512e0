"""What a results folder holds, at a glance, and again at a glance while it grows."""

from __future__ import annotations

from ..contracts.errors import InvalidInput
from ..garbage import uncollected
from .glance import Glance, current, glance, whole
from .store import MISNAMED, NO_RECORD, RECORD_NAME, Store


class Survey:
    """Looks at a folder as often as asked; files are never edited, so each is read once.

    What lies deep inside a record is not checked: `Store.read` does that.

    Parameters
    ----------
    store
        The results folder.
    """

    def __init__(self, store: Store):
        self._store = store
        self._seen: dict[str, Glance | str | None] = {}

    def look(self) -> None:
        """Read what is new.

        Raises
        ------
        InvalidInput
            Where there is no such folder.
        """
        if not self._store.folder.is_dir():
            raise InvalidInput(f"There is no results folder {self._store.folder}.", "Make one with kineticbench run.")
        names = self._store.names()
        with uncollected():
            self._seen = {name: self._seen[name] if name in self._seen else self._read(name) for name in names}

    @property
    def attempts(self) -> list[Glance]:
        """Every attempt."""
        return [seen for seen in self._seen.values() if isinstance(seen, Glance)]

    @property
    def cells(self) -> list[Glance]:
        """The attempt that counts for each cell and hardware."""
        return current(self.attempts)

    @property
    def skipped(self) -> dict[str, str]:
        """Why files were passed over, by their name."""
        return {name: seen for name, seen in self._seen.items() if isinstance(seen, str)}

    def _read(self, name: str) -> Glance | str | None:
        match = RECORD_NAME.match(name)
        if match is None:
            return NO_RECORD
        try:
            text = whole(f"{self._store.folder}/{name}")
        except OSError as error:
            return str(error.strerror or error)
        if match[3]:
            return None if text.endswith(b"\n}\n") else self._store.fault(name)
        seen = glance(text)
        if seen is None:
            return self._store.fault(name)
        return seen if (seen.cell, seen.run) == (match[1], match[2]) else MISNAMED
