"""What a run of the roofline found, as plain data: to JSON and back."""

from __future__ import annotations

import dataclasses
import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kineticbench.contracts import InvalidInput

from .model import Row

REMEDY = "Name a file that --json has written."
SCHEMA = "kineticbench/roofline/1"


@dataclass(frozen=True)
class Report:
    """Ceilings and kernels of one machine.

    Parameters
    ----------
    made, commit, dirty, hardware, packages
        When, of which code, on what.
    device, clock
        "cpu" or "gpu"; "wall", or "processor" on a machine that others used meanwhile.
    threads
        What "all" stands for.
    ceilings
        By "one" and "all" threads, then by name.
    rows
        What was measured.
    """

    made: str
    commit: str | None
    dirty: bool
    hardware: dict[str, Any]
    packages: dict[str, str]
    device: str
    clock: str
    threads: int
    ceilings: dict[str, dict[str, float]]
    rows: tuple[Row, ...]

    @classmethod
    def here(cls, device: str, threads: int, ceilings: dict[str, dict[str, float]], rows: list[Row]) -> Report:
        """Of this machine and checkout, now."""
        from kineticbench.engine.environment import Machine

        from . import clock

        machine, now = Machine.here(), datetime.datetime.now(datetime.UTC)
        return cls(
            *(now.strftime("%Y-%m-%dT%H:%M:%SZ"), machine.commit, machine.dirty, machine.hardware, machine.packages),
            *(device, clock.chosen, threads, ceilings, tuple(rows)),
        )

    def text(self) -> str:
        """As JSON, numbers to four digits."""
        data = {"schema": SCHEMA} | dataclasses.asdict(self)
        return json.dumps(_short(data), indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Report:
    """The report in a file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("schema") != SCHEMA:
            raise KeyError("schema")
        rows = tuple(Row(**row) for row in data.pop("rows"))
        return Report(**data, rows=rows)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}.", "Name a file that --json has written."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(f"{path} holds no roofline.", REMEDY) from None


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short(entry) for key, entry in value.items()}
    return [_short(entry) for entry in value] if isinstance(value, (list, tuple)) else value
