"""All checks of a submission against what was run here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..contracts.errors import KineticbenchError
from ..engine.plan import todays_code
from ..results.record import Record
from .errors import errors
from .finding import CODE, ENDS, Finding, Verdict
from .rerun import Setting
from .rescoring import rescored
from .seconds import seconds
from .source import family_of, foreign_imports
from .submission import Submission

LEAST, CONFIDENCE = 0.1, 0.99


def judge(
    submission: Submission,
    settings: Sequence[Setting],
    made: Iterable[Record],
    least: float = LEAST,
    confidence: float = CONFIDENCE,
) -> Verdict:
    """Whether what is claimed is what was found.

    Parameters
    ----------
    submission, settings
        What was sent in, and the settings in it with their drawn seeds.
    made
        Our records of all their cells; of several of one cell the newest counts.
    least
        The least effect in errors that counts where chance plays a part.
    confidence
        That chance alone rejects no honest submission.
    """
    found = {record.cell: record for record in sorted(made, key=lambda record: (record.state == "ok", record.run))}
    return Verdict(
        (
            *_code(submission, settings),
            *_ends(settings, found),
            *rescored(submission),
            *errors(settings, found, least, confidence),
            *seconds(settings, found),
        )
    )


def _code(submission: Submission, settings: Sequence[Setting]) -> list[Finding]:
    """Whether records are of the cells that they name, of this code, and of the family that its file tells."""
    made = []
    for setting in settings:
        for claim, cell in zip(setting.claims, setting.cells, strict=True):
            reason, family = "", claim.family
            try:
                today, family = todays_code(cell), family_of(cell.solver.plug_in("solvers"))
            except (KineticbenchError, OSError, SyntaxError, RecursionError) as error:
                reason, today = f"{setting.name}: its code cannot be read: {error}", ""
            if claim.cell != cell.id:
                reason = f"{setting.name}: a record names the cell {claim.cell[:12]}, its settings are {cell.id[:12]}."
            elif today and claim.codes != {today}:
                reason = f"{setting.name}: its record was made by other code than the file and kineticbench here."
            elif claim.family != family:
                reason = f"{setting.name}: its record says {claim.family}, and the solver's file {family}."
            made.append(Finding(CODE, setting.name, "record", "differs" if reason else "agrees", reason=reason))
    try:
        foreign = foreign_imports(submission)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
        foreign = []  # told above, where its code is read
    if foreign:
        reason = (
            f"{submission.name} imports {', '.join(foreign)}: a solver has no business with the engine or the truth."
        )
        made.append(Finding(CODE, "", "imports", "differs", reason=reason))
    return made


def _ends(settings: Sequence[Setting], found: Mapping[str, Record]) -> list[Finding]:
    """Whether what ended well there ends well here, under drawn seeds too."""
    made = []
    for setting in settings:
        for cells, which in ((setting.cells, "public"), (setting.drawn, "drawn")):
            ends = [found.get(cell.id) for cell in cells]
            bad = [record for record in ends if record is None or record.state != "ok"]
            about = Finding(ENDS, setting.name, f"{which} seeds", "agrees")
            if bad and bad[0] is None:
                reason = f"{setting.name}: a run with {which} seeds is missing."
                about = replace(about, answer="undecided", reason=reason)
            elif bad and bad[0] is not None:
                told = f"{bad[0].state}{': ' + bad[0].reason if bad[0].reason else ''}"
                reason = f"{setting.name}: claimed as ok, and here a run with {which} seeds ends as {told}"
                about = replace(about, answer="differs", reason=reason)
            made.append(about)
    return made
