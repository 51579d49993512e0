"""What a number of solves costs, and from how many on training pays.

Seconds above `LONGEST`, thirty thousand years, are no measurement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..contracts.errors import InvalidInput

LONGEST = 1e12
_MOST = 1e15


@dataclass(frozen=True)
class Cost:
    """Measured seconds of one setting on one machine.

    Parameters
    ----------
    data
        Making the training data, once.
    fit
        Everything done before the first query: once for all cases where `amortised`, else for the batch that was
        measured, so fit / batch for each case.
    cold
        The first call of a process on the whole batch, compilation included; None where it was not measured.
    warm
        A later call on the whole batch.
    batch
        Cases that one call solves together. Seconds a case are those of a batch of this size.
    amortised
        Whether one fit serves every case.
    elsewhere
        The machine that made the fit or its data, where that is another one: those seconds are then shown beside
        the others and never added to them.
    warmed
        Whether there were warm calls. Where not, `warm` is the first call, and what rests on it an upper bound.
    """

    data: float
    fit: float
    cold: float | None
    warm: float
    batch: int
    amortised: bool = False
    elsewhere: str | None = None
    warmed: bool = True

    def __post_init__(self) -> None:
        seconds = (self.data, self.fit, self.cold or 0.0, self.warm)
        if self.batch < 1 or not all(math.isfinite(value) and value >= 0 for value in seconds):
            raise InvalidInput(f"A cost needs finite seconds, not negative, and a batch of at least one; got {self}.")

    @property
    def fixed(self) -> float:
        """Seconds that do not grow with the number of cases: data, an amortised fit, and what a cold call adds."""
        start = max(0.0, (self.warm if self.cold is None else self.cold) - self.warm)
        return self.data + (self.fit if self.amortised else 0.0) + start

    @property
    def each(self) -> float:
        """Seconds that every case adds: the warm call, and the fit unless it is amortised."""
        return (self.warm + (0.0 if self.amortised else self.fit)) / self.batch

    def total(self, cases: float) -> float | None:
        """Seconds to solve `cases` cases from nothing, in batches like the one measured.

            total(n) = data + fit · (1 if amortised, else n) + cold + (n − 1) · warm

        with fit, cold and warm those of one case: cold = (cold − warm of the batch) + warm of the batch / batch.
        So total(batch) is exactly what was measured: data + fit + the cold call. None where the fit was made on
        another machine or the cold call was not measured.
        """
        if cases < 1:
            raise InvalidInput(f"At least one case must be solved, got {cases}.")
        if self.elsewhere is not None or self.cold is None:
            return None
        return self.fixed + cases * self.each


def break_even(trained: Cost, others: Sequence[Cost]) -> int | None:
    """The least n from which on `trained` costs less in total than every one of `others`; None: never.

    Both totals are straight lines in n, so for one rival with fixed cost F and cost a case e
    n = ⌊(F_trained − F) / (e − e_trained)⌋ + 1, at least 1, and never where e ≤ e_trained (unless the trained one is
    cheaper from the start at equal e) or where n is beyond all measure (10¹⁵).

    Raises
    ------
    InvalidInput
        Where a fit was made elsewhere, whose seconds cannot be compared.
    """
    if any(cost.elsewhere is not None for cost in (trained, *others)):
        raise InvalidInput("Seconds of different machines cannot be compared.", "Train where the others ran.")
    least = 1
    for other in others:
        gain = other.each - trained.each
        debt = trained.fixed - other.fixed
        if gain < 0 or (gain == 0 and debt >= 0):
            return None
        if debt >= 0:
            if debt > _MOST * gain:
                return None
            least = max(least, math.floor(debt / gain) + 1)
    return least
