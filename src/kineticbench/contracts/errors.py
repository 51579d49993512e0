"""Every error a user can cause, and what to do about it.

KineticbenchError                     exit status 2 and one line on the command line
├── InvalidInput                      an array, a parameter, a suite or a file that cannot be meant
│   └── UnknownName                   a name that nothing has; says which names are near
├── CorruptFile                       a file of ours that fails its check sum or does not parse
├── Unsupported                       a solver that cannot solve this problem, with its reason
└── Diverged                          a solution that is not finite or not of the promised shape
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KineticbenchError(Exception):
    """An error with a sentence for a person and, where there is one, a remedy.

    Parameters
    ----------
    message
        What is wrong: what was expected, what was found.
    remedy
        What to do about it, an imperative sentence; may be empty.
    """

    def __init__(self, message: str, remedy: str = ""):
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InvalidInput(KineticbenchError, ValueError):
    """An array, parameter, suite or file that cannot be meant."""


class UnknownName(InvalidInput):
    """A name that nothing has."""

    @classmethod
    def among(cls, what: str, name: str, known: Iterable[str]) -> UnknownName:
        """Error for `name`, which should have been one of `known`; names the nearest."""
        known = sorted(known)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        remedy = f"Did you mean {near[0]!r}? Known: {', '.join(known)}." if near else "None are known."
        return cls(f"Unknown {what} {name!r}.", remedy)


class CorruptFile(KineticbenchError):
    """A file written by kineticbench that fails its check sum or does not parse."""


class Unsupported(KineticbenchError):
    """A solver that cannot solve the problem it is given; the message is the reason."""


class Diverged(KineticbenchError):
    """A solution that is not finite, or lacks the shape and times that were asked for."""
