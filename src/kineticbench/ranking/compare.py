"""What changed from one folder of records to another, setting by setting, and whether that is more than chance.

Seconds are compared by the logarithm of a run's median call over the time of the reference kernel beside it, so that a
machine that was slower as a whole changes little; their noise is that from run to run, common to all settings. Errors
are compared on the same seeds and blocks of cases at each time; what varies over neither is taken as exact, but for
trained methods, which magnify rounding and may end by the clock: of a single seed nothing is sure. A change counts
where it is at least the `least` effect and its chance, adjusted by Holm over all that was asked, is small: half of what
is allowed goes to the seconds, half to the errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..contracts.errors import InvalidInput
from ..results.record import Record
from .change import STATE, Both, Change, Verdict
from .compare_errors import errors
from .compare_seconds import seconds
from .entries import canonical


@dataclass(frozen=True)
class Comparison:
    """Two folders of records side by side.

    Parameters
    ----------
    changes
        Every quantity of every setting in both, in the order of dataset, solver and setting.
    old_only, new_only
        Cells that only one of them has.
    runs
        Fewest and most pairs of runs of a cell that were compared.
    hardware
        Whether all was made on one kind of machine; else no seconds are compared.
    """

    changes: tuple[Change, ...]
    old_only: tuple[str, ...]
    new_only: tuple[str, ...]
    runs: tuple[int, int]
    hardware: bool

    def of(self, verdict: Verdict) -> list[Change]:
        """The changes with this verdict."""
        return [change for change in self.changes if change.verdict == verdict]


def compare(old: Iterable[Record], new: Iterable[Record], least: float = 0.1, confidence: float = 0.95) -> Comparison:
    """Compare all runs of the cells that both have; of each side only runs of the code of its newest.

    Parameters
    ----------
    old, new
        Records of each side.
    least
        The least effect: 0.1 is a tenth more seconds or error.
    confidence
        That there is no false alarm, and of the intervals.

    Raises
    ------
    InvalidInput
        Where they have no cell in common, or least or confidence make no sense.
    """
    if not (0 < least < 100 and 0 < confidence < 1):
        raise InvalidInput(
            f"A least effect of {least:g} or a confidence of {confidence:g} cannot be meant.", "Try 0.1 and 0.95."
        )
    before, after = _cells(old), _cells(new)
    settings = _settings(before, after)
    if not settings:
        raise InvalidInput("The two folders have no cell in common.", "Run the same suite with the same options.")
    allowed = (1 - confidence) / 2
    machines = {record.hardware.id for both in settings for sides in both.seeds for side in sides for record in side}
    found: list[list[Change]] = [
        [state for both in settings if (state := _state(both))],
        seconds(settings, least, confidence, allowed) if len(machines) == 1 else [],
        errors(settings, least, confidence, allowed),
    ]
    places = {both.newest.cell: place for place, both in enumerate(settings)}
    pairs = [len(pairs) for both in settings for pairs in both.pairs()] or [0]
    return Comparison(
        tuple(sorted((change for part in found for change in part), key=lambda change: places[change.cell])),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(after.keys() - before.keys())),
        (min(pairs), max(pairs)),
        len(machines) == 1,
    )


def _cells(records: Iterable[Record]) -> dict[str, tuple[Record, ...]]:
    """The runs of each cell, oldest first, of the code that the newest has."""
    found: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.run):
        found.setdefault(record.cell, []).append(record)
    return {cell: tuple(r for r in runs if r.code.hash == runs[-1].code.hash) for cell, runs in found.items()}


def _settings(before: dict[str, tuple[Record, ...]], after: dict[str, tuple[Record, ...]]) -> list[Both]:
    """The cells that both have, those that differ in the seed alone together."""
    groups: dict[str, dict[int, str]] = {}
    for cell in before.keys() & after.keys():
        settings = after[cell][-1].settings
        everything = settings.model_dump(mode="json", exclude={"seed"})
        groups.setdefault(canonical(everything), {})[settings.seed] = cell
    found = [Both(tuple((before[cell], after[cell]) for _, cell in sorted(seeds.items()))) for seeds in groups.values()]

    def order(both: Both) -> tuple[str, str, str, str]:
        settings = both.newest.settings
        return settings.dataset.name, settings.solver.name, settings.solver.setting, both.newest.cell

    return sorted(found, key=order)


def _state(both: Both) -> Change | None:
    """Whether seeds fail that did not, or the other way round."""
    ends = [(old[-1], new[-1]) for old, new in both.seeds if old[-1].state != new[-1].state]
    failed = [(old, new) for old, new in ends if old.state == "ok"]
    mended = [(old, new) for old, new in ends if new.state == "ok"]
    if not ends:
        return None
    old, new = (failed or mended or ends)[0]
    verdict: Verdict = "worse" if failed else "better" if mended else "same"
    note = f"{old.state} → {new.state}" + (f": {new.reason}" if new.reason else "")
    return replace(both.about(STATE), verdict=verdict, note=note, chance=0.0 if failed else 1.0)
