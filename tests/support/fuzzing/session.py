"""Many inputs of one kind."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded

from kineticbench.contracts.errors import KineticbenchError

from .targets import targets
from .watched import Hangs, refusal


@dataclass
class Found:
    """How many inputs were read and refused, and what the smallest harmful one did."""

    inputs: int = 0
    refused: int = 0
    harm: str | None = None


def fuzz(kind: str, inputs: int, seed: int, keep: Path | None = None) -> Found:
    """Read that many inputs of a kind; the smallest one that does harm is kept in a folder."""
    target, found = targets()[kind], Found()
    last = [b""]
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KineticbenchError):
        target.put(Path(folder), target.good)
        target.read(Path(folder))  # imports what it needs, off the watch

    @seeded(seed)
    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        verbosity=Verbosity.quiet,
        suppress_health_check=cast("list[HealthCheck]", list(HealthCheck)),
    )
    @given(target.inputs)
    def one(held: bytes) -> None:
        last[0] = held
        found.inputs += 1
        folder = Path(tempfile.mkdtemp(prefix="kineticbench-fuzz-"))
        try:
            target.put(folder, held)
            found.refused += refusal(target.read, folder, len(held)) is not None
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    try:
        one()
    except (Exception, Hangs) as error:
        found.harm = f"{type(error).__name__}: {str(error)[:300]}"
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{kind}.input").write_bytes(last[0])
            (keep / f"{kind}.traceback").write_text("".join(traceback.format_exception(error)))
    return found
