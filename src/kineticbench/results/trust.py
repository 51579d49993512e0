"""How far a result can be trusted: who ran it, and who scored it.

rerun here       our own machine ran the code, so that seconds and errors are ours
rescored here    somebody else ran it; what it returned was scored here, and its seconds are only told
self-reported    somebody else ran and scored it
"""

from __future__ import annotations

from typing import Literal

from .record import Trust

Where = Literal["here", "elsewhere"]
ORDER: tuple[Trust, ...] = ("self-reported", "rescored here", "rerun here")


def trust(ran: Where, scored: Where) -> Trust:
    """The word for a result that was run and scored somewhere; what ran here needs nobody else's word."""
    if ran == "here":
        return "rerun here"
    return "rescored here" if scored == "here" else "self-reported"


def rescored(before: Trust) -> Trust:
    """The word after what a solver returned has been scored here."""
    return trust("here" if before == "rerun here" else "elsewhere", "here")


def sureness(word: Trust) -> int:
    """The larger, the less of it is taken on somebody's word."""
    return ORDER.index(word)
