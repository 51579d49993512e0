"""Seeds that nobody could know before the submission: drawn after it, from it and from chance."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from ..contracts.errors import InvalidInput

Source = Literal["chance", "given", "beacon"]
_SCHEMA = "kineticbench/draw/1"
_LEAST, _MOST = 1 << 16, (1 << 31) - 1  # nobody publishes seeds of so many digits by hand


@dataclass(frozen=True)
class Draw:
    """What was drawn.

    Parameters
    ----------
    source
        Where its randomness is from: the system's, a text given by whoever verifies, or a public beacon.
    base
        That randomness, with which the same seeds are drawn again.
    seeds
        Of the dataset and of the solver, for each drawn run.
    """

    source: Source
    base: str
    seeds: tuple[tuple[int, int], ...]


def draw(
    digest: str, count: int, given: str | None = None, beacon: str | None = None, taken: Container[int] = ()
) -> Draw:
    """Draw seeds for a submission.

    Each is the beginning of SHA-256 over the base, the digest of the submission, and a number; so a submission that is
    changed in any way meets other seeds, and whoever knows the base can check them.

    Parameters
    ----------
    digest
        Of the submission.
    count
        How many pairs.
    given
        The base of an earlier draw, to repeat it.
    beacon
        A public random value that was published after the submission, as a base that nobody chose.
    taken
        Seeds that are public already.
    """
    if given is not None and beacon is not None:
        raise InvalidInput("A seed and a beacon are two bases.", "Give one of them.")
    base = given if given is not None else beacon if beacon is not None else secrets.token_hex(16)
    if not base.strip() or len(base) > 1000:
        raise InvalidInput("The base of a draw must have 1 to 1000 characters.", "Leave it out to draw by chance.")
    source: Source = "given" if given is not None else "beacon" if beacon is not None else "chance"
    found: list[int] = []
    number = 0
    while len(found) < 2 * count:
        text = f"{_SCHEMA}\n{base}\n{digest}\n{number}"
        seed = _LEAST + int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8]) % (_MOST - _LEAST)
        number += 1
        if seed not in taken and seed not in found:
            found.append(seed)
    return Draw(source, base, tuple(zip(found[::2], found[1::2], strict=True)))
