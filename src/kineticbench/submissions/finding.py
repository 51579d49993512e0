"""What a check of a submission found, and the verdict on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Answer = Literal["agrees", "differs", "undecided"]
ENDS, CODE, RESCORED = "how runs end", "code and cells", "scores of what was kept"
SAME, DRAWN, SECONDS = "errors, same seeds", "errors, drawn seeds", "seconds"
CHECKS = (CODE, ENDS, RESCORED, SAME, DRAWN, SECONDS)


@dataclass(frozen=True)
class Finding:
    """One comparison.

    Parameters
    ----------
    check
        One of `CHECKS`.
    setting
        Of which setting; empty for the whole submission.
    quantity
        A metric, or what took seconds.
    answer
        "differs" counts against the submission; "undecided" says that more runs would be needed.
    claimed, found
        Both figures, where they are numbers.
    low, high
        The ends of the interval of found / claimed, where chance plays a part.
    chance
        That an honest submission differs as much, adjusted for all that was asked; None where chance plays no part.
    reason
        A sentence, where it does not agree.
    """

    check: str
    setting: str
    quantity: str
    answer: Answer
    claimed: float | None = None
    found: float | None = None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """All that was found; a submission is accepted where everything agrees."""

    findings: tuple[Finding, ...]

    def of(self, answer: Answer) -> list[Finding]:
        """The findings with this answer."""
        return [finding for finding in self.findings if finding.answer == answer]

    @property
    def accepted(self) -> bool:
        """Whether everything agrees, and anything was asked at all."""
        return bool(self.findings) and len(self.of("agrees")) == len(self.findings)

    @property
    def reasons(self) -> list[str]:
        """Why it is not accepted."""
        return [finding.reason for finding in self.findings if finding.answer != "agrees"]


def counted(findings: Sequence[Finding]) -> dict[str, tuple[int, int, int]]:
    """For each check that was made how many findings agree, differ and are undecided."""
    answers: tuple[Answer, ...] = ("agrees", "differs", "undecided")
    return {
        check: tuple(sum(it.check == check and it.answer == answer for it in findings) for answer in answers)  # type: ignore[misc]
        for check in CHECKS
        if any(finding.check == check for finding in findings)
    }
