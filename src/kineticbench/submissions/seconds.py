"""Seconds that are claimed beside seconds that were taken here.

No clock is the same twice: on one kind of machine honest seconds of a busy hour and of a quiet one differ by less than
`HONEST`, between machines by less than `ELSEWHERE`. Where the reference kernel beside them was slower here, too, that
excuses as much more, up to `EXCUSED`; of one run alone, whose kernel need not have met what its calls met, all of it is
excused. So whatever is said of the kernel, ten times too few seconds are found on the same kind of machine, where at
most HONEST · EXCUSED = 6 times too few are honest. Only claims that are too small count, and those that are left out.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median_low

from ..results.record import Record
from .finding import SECONDS, Finding
from .rerun import Setting

HONEST, ELSEWHERE, EXCUSED = 3.0, 6.0, 2.0
WARM, COLD, FIT, DATA = "a warm call", "the cold call", "the fit", "the training data"
SHORTEST = {WARM: 2e-4, COLD: 0.05, FIT: 0.1, DATA: 0.1}
Pair = tuple[Record, Record | None]  # a claim, and the same cell here where it ended well


def seconds(settings: Sequence[Setting], found: Mapping[str, Record]) -> list[Finding]:
    """Every comparison of seconds: of the runs of a setting on one machine together, and of each alone."""
    good = {cell: record for cell, record in found.items() if record.state == "ok"}
    here = {fit.id for record in good.values() if (fit := record.fit) is not None and not fit.restored}
    begun = {_process(it, claim) for it in settings for claim in it.claims if _of(claim, COLD) is not None}
    made = []
    for setting in settings:
        pairs = [(claim, good.get(cell.id)) for claim, cell in zip(setting.claims, setting.cells, strict=True)]
        ours = [good[cell.id] for cell in (*setting.cells, *setting.drawn) if cell.id in good]
        if any(record is not None for _, record in pairs):
            made.append(_shared(Finding(SECONDS, setting.name, "cases and fits", "agrees"), pairs))
        for machine in dict.fromkeys(claim.hardware.id for claim in setting.claims if ours):
            told = [pair for pair in pairs if pair[0].hardware.id == machine]
            factor = HONEST if {record.hardware.id for record in ours} == {machine} else ELSEWHERE
            for quantity in SHORTEST:
                about = Finding(SECONDS, setting.name, quantity, "agrees")
                lacking = _lacking(about, told, ours, _process(setting, told[0][0]) in begun)
                made += [lacking] if lacking else _held(about, told, ours, factor, here)
            made += _kernels(Finding(SECONDS, setting.name, "the reference kernel", "agrees"), told, ours)
    return made


def _process(setting: Setting, claim: Record) -> tuple[object, ...]:
    """What the engine begins in a new process, and then goes on in it."""
    cell = setting.cells[0]
    return cell.solver.canonical, cell.dataset.canonical, cell.device, claim.hardware.id


def _shared(about: Finding, pairs: Sequence[Pair]) -> Finding:
    """Whether seconds are of as many cases as is claimed, which share a call, and a fit that serves all."""
    for claim, ours in pairs:
        if claim.solve and ours and ours.solve and claim.solve.cases != ours.solve.cases:
            cases = f"{claim.solve.cases} cases, and solves {ours.solve.cases} here"
            return replace(about, answer="differs", reason=f"{about.setting}: a call is claimed to solve {cases}.")
        if claim.fit and ours and ours.fit and claim.fit.amortised != ours.fit.amortised:
            which = "every case" if claim.fit.amortised else "its own cases only"
            reason = f"{about.setting}: its fit is claimed to serve {which}, and that is not so here."
            return replace(about, answer="differs", reason=reason)
    return about


def _lacking(about: Finding, told: Sequence[Pair], ours: Sequence[Record], is_begun: bool) -> Finding | None:
    """Why a claim says too little: what takes a while here must be claimed of each run, fits found ready included.

    Cold calls of one run in each new process are, which may be that of another setting.
    """
    quantity = about.quantity
    if quantity == COLD:
        beside = [] if is_begun else [(told[0][0], record) for record in ours]
    else:
        beside = [(claim, record) for claim, record in told if record is not None and _of(claim, quantity) is None]
    for claim, record in beside:
        found = _of(record, quantity)
        if found is not None and found >= SHORTEST[quantity]:
            what = f"{quantity} takes {found:.3g} s here, and none is claimed under seed {claim.settings.seed}"
            return replace(about, answer="differs", found=found, reason=f"{about.setting}: {what}.")
    return None


def _held(
    about: Finding, told: Sequence[Pair], ours: Sequence[Record], factor: float, here: Container[str | None]
) -> list[Finding]:
    """All claims of a quantity together, then each alone."""
    quantity = about.quantity
    claims = [claim for claim, _ in told if _of(claim, quantity) is not None]
    seen = [record for record in ours if _is_taken_here(record, quantity, here) and _of(record, quantity) is not None]
    if claims and seen:
        claimed, found = (median_low(_known(side, quantity)) for side in (claims, seen))
        about = replace(about, claimed=claimed, found=found)
        ratio, excuse = _ratio(claimed, found), _excuse(claims, seen, quantity)
        if found >= SHORTEST[quantity] and ratio > factor * excuse:
            return [_too_small(about, claimed, found, factor * excuse)]
    for claim, record in told:
        if record is None or not _is_taken_here(record, quantity, here):
            continue
        claimed, found = _alone(claim, record, quantity)
        if claimed is None or found is None or found < SHORTEST[quantity]:
            continue
        if _ratio(claimed, found) > factor * EXCUSED:
            return [_too_small(about, claimed, found, factor * EXCUSED, f" under seed {claim.settings.seed}")]
    return [about] if claims and seen else []


def _too_small(about: Finding, claimed: float, found: float, allowed: float, which: str = "") -> Finding:
    reason = (
        f"{about.setting}: {about.quantity}{which} is claimed to take {claimed:.3g} s, and takes {found:.3g} s here, "
        f"{_ratio(claimed, found):.3g} times as long; {allowed:.3g} times may be honest."
    )
    return replace(about, answer="differs", claimed=claimed, found=found, reason=reason)


def _is_taken_here(record: Record, quantity: str, here: Container[str | None]) -> bool:
    """Whether we timed it: the seconds of a fit that was found ready are somebody's word, unless we trained it."""
    fit = record.fit
    return quantity not in (FIT, DATA) or fit is None or not fit.restored or (fit.id is not None and fit.id in here)


def _alone(claim: Record, ours: Record, quantity: str) -> tuple[float | None, float | None]:
    """What is claimed of one run, and what was found; a first call takes at least as long as a later one."""
    if quantity != COLD or claim.solve is None or ours.solve is None:
        return _of(claim, quantity), _of(ours, quantity)
    return claim.solve.cold_s, ours.solve.cold_s if claim.solve.fresh else _of(ours, WARM)


def _excuse(claims: Sequence[Record], seen: Sequence[Record], quantity: str) -> float:
    """How many times longer it may take than the factor says, because the kernel took longer beside it."""
    sides = [[(value, _kernel(it)) for it, value in zip(side, _known(side, quantity), strict=True)]
             for side in (claims, seen)]  # fmt: skip
    if any(kernel is None for side in sides for _, kernel in side):
        return 1.0
    plain = _ratio(*(median_low(value for value, _ in side) for side in sides))
    units = _ratio(*(median_low(value / (kernel or 1.0) for value, kernel in side) for side in sides))
    return min(max(plain / units, 1.0), EXCUSED) if units > 0 and math.isfinite(plain) else 1.0


def _kernels(about: Finding, told: Sequence[Pair], ours: Sequence[Record]) -> list[Finding]:
    """The reference kernel, of which no more than the excuse hangs: `ELSEWHERE` even on the same kind of machine."""
    claims, seen = ([kernel for it in side if (kernel := _kernel(it)) is not None]
                    for side in ([claim for claim, _ in told], ours))  # fmt: skip
    if not claims or not seen:
        return []
    claimed, found = median_low(claims), median_low(seen)
    about = replace(about, claimed=claimed, found=found)
    return [_too_small(about, claimed, found, ELSEWHERE) if _ratio(claimed, found) > ELSEWHERE else about]


def _ratio(claimed: float, found: float) -> float:
    return found / claimed if claimed > 0 else math.inf if found > 0 else 1.0


def _known(records: Sequence[Record], quantity: str) -> list[float]:
    return [value for record in records if (value := _of(record, quantity)) is not None]


def _of(record: Record, quantity: str) -> float | None:
    solve, fit = record.solve, record.fit
    if solve is not None and quantity == WARM:
        return median_low(solve.warm_s) if solve.warm_s else None
    if solve is not None and quantity == COLD:
        return solve.cold_s if solve.fresh else None
    if fit is not None and quantity in (FIT, DATA):
        return fit.fit_s if quantity == FIT else fit.data_s
    return None


def _kernel(record: Record) -> float | None:
    """Seconds of the reference kernel beside a run; None where it was not timed."""
    kernel = [value for value in (record.solve.kernel_s if record.solve else []) if value > 0]
    return max(math.exp(fmean(map(math.log, kernel))), 1e-300) if kernel else None
