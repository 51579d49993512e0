"""A rule, what becomes of it, and how a rule says so."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ..contracts import KineticbenchError

State = Literal["holds", "broken", "not asked"]


class Broken(Exception):
    """A promise that does not hold.

    Parameters
    ----------
    found
        What was found, a sentence.
    remedy
        What to do about it, where that is more than the rule itself says.
    """

    def __init__(self, found: str, remedy: str = ""):
        super().__init__(found, remedy)
        self.found = found
        self.remedy = remedy


class NotAsked(Exception):
    """A promise that says nothing of this plug-in or problem; the message says why."""


@dataclass(frozen=True)
class Rule:
    """A promise: what tries it, and what to do where it does not hold.

    Parameters
    ----------
    check
        Raises `Broken` or `NotAsked`, or returns. Its name is the rule's, the first line of its docstring the promise.
    remedy
        What to do, an imperative sentence.
    each
        Whether it is tried on every small problem that is supported; else once.
    kinds
        The only problems that it is tried on; None for all.
    """

    check: Callable[..., None]
    remedy: str
    each: bool = False
    kinds: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """Its name, in words."""
        return self.check.__name__.strip("_").replace("_", " ")

    @property
    def promise(self) -> str:
        """The promise in a sentence."""
        return (self.check.__doc__ or "").partition("\n")[0]


@dataclass(frozen=True)
class Finding:
    """What became of a rule, on one problem where it is tried on each.

    Parameters
    ----------
    rule, promise
        As the rule has them.
    problem
        The small problem, or empty.
    state
        "holds", "broken" or "not asked".
    found
        What was found, or why it was not asked.
    remedy
        What to mend, where it is broken.
    """

    rule: str
    promise: str
    problem: str
    state: State
    found: str = ""
    remedy: str = ""


def outcome(rule: Rule, call: Callable[[], Any], problem: str = "") -> Finding:
    """What a call that tries a rule finds; whatever the plug-in raises is a finding too."""
    state: State = "broken"
    remedy = ""
    try:
        call()
    except NotAsked as reason:
        state, found = "not asked", str(reason)
    except Broken as reason:
        found, remedy = reason.found, reason.remedy
    except KineticbenchError as error:
        found, remedy = f"It raised {type(error).__name__}: {error.message}", error.remedy
    except (Exception, SystemExit) as error:
        found = f"It raised {type(error).__name__}: {error} ({place(error)})."
        if "read-only" in str(error):
            found, remedy = f"It writes into arrays that it is given ({place(error)}).", "Copy them first."
    else:
        state, found = "holds", ""
    if state == "broken":
        remedy = remedy or rule.remedy
    return Finding(rule.name, rule.promise, problem, state, found, remedy)


def place(error: BaseException) -> str:
    """The last line of the plug-in's own file that an error passed through, or of any file."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not _ours(frame.filename)]
    if not frames:
        return "no place known"
    frame = theirs[0] if theirs else frames[-1]
    own = [one for one in theirs if one.filename == frame.filename]
    frame = own[-1] if own else frame
    return f"line {frame.lineno} of {frame.filename.replace(chr(92), '/').rpartition('/')[2]}"


def _ours(filename: str) -> bool:
    path = filename.replace("\\", "/")
    return "/kineticbench/conformance/" in path or "/kineticbench/engine/" in path or path.startswith("<")


def required(value: bool, found: str, remedy: str = "") -> None:
    """Raise `Broken` where `value` is false."""
    if not value:
        raise Broken(found, remedy)


def refused(call: Callable[[], Any], errors: tuple[type[BaseException], ...], found: str) -> BaseException:
    """The error that `call` raises, one of `errors`; `Broken` where it raises another or none."""
    try:
        call()
    except NotAsked:
        raise
    except errors as error:
        return error
    except Exception as error:
        raise Broken(f"{found}, and raised {type(error).__name__} ({error}) instead.") from error
    raise Broken(f"{found}, and did not.")
