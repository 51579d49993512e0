"""What this machine can do at most, measured: bandwidth by footprint, and rates of single operations.

    bytes/N             of arrays of N bytes for each thread, read and written; the fastest of four patterns
    operations/P        vector additions, multiplications or both fused, in precision P
    roots/P             1/√x to rounding, as the pair sums take it
    exponentials/P      by NumPy or the polynomial of score matching, whichever is faster
    divisions/P         correctly rounded
    logarithms, cosines float64; by NumPy, or a polynomial in the case of cosines
    gathers/P           two entries of a table in the first-level cache, and what is made of them
    deposits/P          additions to a pair of entries of such a table
    samples/P           sorted in rows of 256 by NumPy
    transforms/P        operations of real transforms of 256 by SciPy, counted 2 n log₂ n each
    swaps               of an entry with a random one of 10⁶ others, one after another on one thread
    rows                of three float64, of 10⁶, read and written in random order
    tournaments         of 256 leaves: find the smallest, renew the minima above its neighbours

all a second, by one thread and by all. What a compiler or a library makes of an operation is part of its ceiling: these
are rates that are reached by programs, not those of data sheets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .clock import rate

FOOTPRINTS = (24 << 10, 768 << 10, 12 << 20, 96 << 20, 768 << 20)  # bytes a thread
PRECISIONS = ("float32", "float64")
CACHED = 1024  # numbers of an array that stays in the first-level cache
MANY = 10**6
Part = Callable[[int], Any]


def measure(threads: int, seconds: float, report: Callable[[str], None] = lambda _: None) -> dict[str, float]:
    """The ceilings of so many threads, by name."""
    found: dict[str, float] = {}
    for name, amount, make in _all(threads):
        report(name)
        value = rate([make(k) for k in range(1 if name == "swaps" else threads)], amount, seconds)
        found[name] = max(value, found.get(name, 0.0))
    return found


def _all(threads: int) -> Iterator[tuple[str, float, Callable[[int], Part]]]:
    """(name, what a part does in one round, the part of a thread); of several with one name the fastest counts."""
    for footprint in FOOTPRINTS:
        yield from _traffic(footprint)
    for precision in PRECISIONS:
        yield from _arithmetic(precision)
        yield from _tables(precision)
        yield f"samples/{precision}", 64 * 256, _sorts(precision)
        yield f"transforms/{precision}", 64 * 256 * 2 * 8, _transforms(precision)
    yield "logarithms", CACHED, _ufunc(np.log, "float64")
    yield from _cosines()
    yield "swaps", MANY, _swaps
    yield "rows", MANY / threads, _rows(threads)
    yield "tournaments", 1000, _tournaments


def _traffic(footprint: int) -> Iterator[tuple[str, float, Callable[[int], Part]]]:
    from . import loops

    for loop, arrays, bytes_each in (
        (loops.triad, 3, 24),
        (loops.copy, 2, 16),
        (loops.update, 2, 24),
        (loops.total, 1, 8),
    ):
        size = footprint // (8 * arrays)

        def make(_: int, loop: Any = loop, arrays: int = arrays, size: int = size) -> Part:
            data = [np.full(size, 1e-3) for _ in range(arrays)]
            return lambda repeats: loop(*data, repeats)

        yield f"bytes/{footprint}", bytes_each * size, make


def _arithmetic(precision: str) -> Iterator[tuple[str, float, Callable[[int], Part]]]:
    from . import loops

    kind = np.dtype(precision).type
    rounds = 1000
    per_round = loops.CHAINS * loops.BYTES // np.dtype(precision).itemsize
    yield (
        f"operations/{precision}",
        rounds * per_round,
        lambda _: lambda n: loops.multiply_adds(kind(0.5), n * rounds),
    )
    for name, loop in (("roots", loops.roots), ("divisions", loops.divisions), ("exponentials", loops.exponentials)):

        def make(_: int, loop: Any = loop) -> Part:
            y = np.linspace(1, 2, CACHED).astype(kind)
            return lambda n: loop(y, n)

        yield f"{name}/{precision}", CACHED, make
    yield f"exponentials/{precision}", CACHED, _ufunc(np.exp, precision)


def _cosines() -> Iterator[tuple[str, float, Callable[[int], Part]]]:
    from . import loops

    def make(_: int) -> Part:
        y = np.linspace(0, 1, CACHED)
        return lambda n: loops.cosines(y, n)

    yield "cosines", CACHED, make
    yield "cosines", CACHED, _ufunc(np.cos, "float64")


def _ufunc(function: Any, precision: str) -> Callable[[int], Part]:
    def make(_: int) -> Part:
        x = np.linspace(0.1, 6, CACHED).astype(precision)
        y = np.empty_like(x)

        def part(n: int) -> None:
            for _ in range(n):
                function(x, out=y)

        return part

    return make


def _tables(precision: str) -> Iterator[tuple[str, float, Callable[[int], Part]]]:
    from . import loops

    def particles(k: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(k)
        return random.integers(0, 128, 512).astype(np.uint32), random.random(512)

    def gather(k: int) -> Part:
        cell, fraction = particles(k)
        level, slope, kick = (np.zeros(size, precision) for size in (129, 129, 512))
        return lambda n: loops.gathers(cell, fraction.astype(precision), level, slope, kick, n)

    def deposit(k: int) -> Part:
        tables = np.zeros((4, 129, 2))
        cell, fraction = particles(k)
        t0, t1, t2, t3 = tables
        return lambda n: loops.deposits(cell, fraction, t0, t1, t2, t3, n)

    yield f"gathers/{precision}", 512, gather
    yield f"deposits/{precision}", 512, deposit


def _sorts(precision: str) -> Callable[[int], Part]:
    def make(k: int) -> Part:
        rows = np.random.default_rng(k).standard_normal((64, 256)).astype(precision)

        def part(n: int) -> None:
            for _ in range(n):
                np.sort(rows, axis=-1)

        return part

    return make


def _transforms(precision: str) -> Callable[[int], Part]:
    def make(k: int) -> Part:
        import scipy.fft

        rows = np.random.default_rng(k).standard_normal((64, 256)).astype(precision)

        def part(n: int) -> None:
            for _ in range(n):
                scipy.fft.rfft(rows, axis=-1)

        return part

    return make


def _swaps(k: int) -> Part:
    from . import loops

    order, partner = np.arange(MANY), np.random.default_rng(k).integers(0, MANY, MANY)

    def part(n: int) -> None:
        for _ in range(n):
            loops.swaps(order, partner)

    return part


def _rows(threads: int) -> Callable[[int], Part]:
    v, order = np.ones((MANY, 3)), np.random.default_rng(0).permutation(MANY)

    def make(k: int) -> Part:
        from . import loops

        own = np.ascontiguousarray(order[k::threads])

        def part(n: int) -> None:
            for _ in range(n):
                loops.random_rows(v, own)

        return part

    return make


def _tournaments(k: int) -> Part:
    from . import loops

    random, tree = np.random.default_rng(k), np.full(512, np.inf)
    tree[256:] = random.random(256)
    for node in range(255, 0, -1):
        tree[node] = tree[2 * node : 2 * node + 2].min()
    steps = random.random(4096)
    return lambda n: loops.tournaments(tree, steps, 1000 * n)
