"""The error of a reference, and how well a perfect solver would score against it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..contracts import Reference


def bar_and_floor(
    reference: Reference, name: str, times: int
) -> tuple[Float[np.ndarray, "time"], Float[np.ndarray, "time"]]:
    """Bar and floor of a metric at each of its times.

    The bar is what the reference says of itself, or 0 where it is exact. Where solver and truth start from the same
    particles the floor is the bar; elsewhere it is what the reference says that exact samples score, and at least the
    bar.
    """
    bar = np.broadcast_to(np.asarray(reference.bars.get(name, 0.0), dtype=np.float64), (times,)).copy()
    if reference.paired:
        return bar, bar.copy()
    floor = np.asarray(reference.floors.get(name, 0.0), dtype=np.float64)
    return bar, np.maximum(bar, floor)
