"""Tiers instead of places: settings that cannot be told apart stand together."""

from __future__ import annotations

from collections.abc import Sequence

from .intervals import ErrorSample, difference


def tied(a: ErrorSample, b: ErrorSample) -> bool:
    """Whether the difference of two errors means nothing.

    It means nothing where it is at most a floor or the bar of the reference of either, or where the interval of the
    paired difference contains zero.
    """
    between = difference(a, b)
    return abs(between.estimate) <= max(a.resolution, b.resolution) or between.contains(0.0)


def tiers(samples: Sequence[ErrorSample]) -> list[int]:
    """The tier of each setting, 1 the best.

    Ties are not transitive: a may tie with b and b with c while a and c differ. So a tier is defined by its leader.
    In the order of their errors, a setting joins the tier if it ties with the tier's best, and the first that does
    not becomes the leader of the next. Hence every member ties with its leader; two members may still differ from one
    another, and the last of a tier may tie with the first of the next.
    """
    places = [0] * len(samples)
    leader: ErrorSample | None = None
    tier = 0
    for i in sorted(range(len(samples)), key=lambda i: (samples[i].mean, i)):
        if leader is None or not tied(leader, samples[i]):
            leader, tier = samples[i], tier + 1
        places[i] = tier
    return places
