"""How long a call takes at best, by the wall's clock, or by the processor's where others use the machine too."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
chosen = "wall"


def best(call: Callable[[], Any], seconds: float, calls: int = 3) -> float:
    """The shortest of at least so many calls in at least so many seconds, after one that compiles."""
    call()
    now = CLOCKS[chosen]
    shortest, begun, made = float("inf"), now(), 0
    while made < calls or now() - begun < seconds:
        start = now()
        call()
        shortest = min(shortest, now() - start)
        made += 1
    return shortest


def rate(parts: list[Callable[[int], Any]], amount: float, seconds: float) -> float:
    """What all threads together do a second where `part(n)` does n times `amount` on one of them.

    n is doubled until a call takes a fiftieth of the seconds, or 20 ms.
    """
    repeats = 1
    parts[0](1)
    with ThreadPoolExecutor(len(parts)) as pool:

        def together() -> None:
            list(pool.map(lambda part: part(repeats), parts))

        while (took := best(together, 0.0, 1)) < max(seconds / 50, 1e-4) and took < 0.02:
            repeats *= 2
        return amount * repeats * len(parts) / best(together, seconds)
