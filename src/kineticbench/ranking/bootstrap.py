"""How far the mean of a few items may lie from what many would give: bootstrap and Student."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 2000
FEW = 10
_AT_ONCE = 512


def deviations(
    items: np.ndarray, weights: np.ndarray | None = None, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """How far the ends of the interval (of 95 %) of each mean lie below and above it.

    From `FEW` items on, the points with tails of 2.5 % of the mean of bootstrapped items (Efron & Tibshirani, An
    Introduction to the Bootstrap (1993), ch. 13), widened by √(n/(n − 1)) · t_{n−1} / z, since percentiles of few
    draws are too narrow (Hesterberg, Am. Stat. 69, 371 (2015)). Fewer items have too few different resamples for
    percentiles; the standard deviation of their bootstrapped mean is known without drawing and gives Student's interval
    t_{n−1} s / √n, which holds for two items as well.

    Parameters
    ----------
    items
        (sample, item).
    weights
        Of the items, (item,); by default equal.
    confidence
        How often the interval shall cover the truth.

    Returns
    -------
    tuple of numpy.ndarray
        Below and above, (sample,); zero for a single item, and where all items are equal but for rounding.
    """
    count, n = items.shape
    if n < 2 or count == 0:
        return np.zeros(count), np.zeros(count)
    same = np.ptp(items, axis=1) <= 1e-12 * np.abs(items).max(axis=1)
    tail = (1 - confidence) / 2
    if n < FEW:
        width = _student(n, tail) * standard_error(items, weights)
        down, up = width, width
    else:
        down, up = _percentiles(items, np.ones(n) if weights is None else weights, tail)
    return np.where(same, 0.0, down), np.where(same, 0.0, up)


def at_most(items: np.ndarray, weights: np.ndarray | None = None, confidence: float = CONFIDENCE) -> np.ndarray:
    """A bound on `deviations` that needs no resampling, (sample,).

    A point with a tail of p lies at most √((1 − p)/p) standard deviations from the mean (Cantelli's inequality); a
    tenth more is allowed for the drawing.
    """
    n = items.shape[1]
    if n < 2:
        return np.zeros(len(items))
    tail = (1 - confidence) / 2
    if n < FEW:
        return _student(n, tail) * standard_error(items, weights)
    bootstrapped = standard_error(items, weights) * math.sqrt((n - 1) / n)
    return 1.1 * _widening(n, tail) * math.sqrt((1 - tail) / tail) * bootstrapped


def standard_error(items: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The standard error of the weighted mean of n items, (sample,): √(Σ (w_i/w̄)² (x_i − x̄)² / (n (n − 1)))."""
    n = items.shape[1]
    shares = np.ones(n) if weights is None else weights / weights.mean()
    apart = (items - (items @ shares / n)[:, None]) * shares
    return np.sqrt((apart * apart).sum(axis=1) / (n * (n - 1)))


def _percentiles(items: np.ndarray, weights: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    n = items.shape[1]
    draws = _draws(n)
    centre = items @ weights / weights.sum()
    drawn = draws @ weights
    places = [(RESAMPLES - 1) * tail, (RESAMPLES - 1) * (1 - tail)]
    around = [(math.floor(place), math.ceil(place), place - math.floor(place)) for place in places]
    ends = []
    for start in range(0, len(items), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        means = ((items[part] - centre[part, None]) * weights) @ draws.T / drawn
        means.partition(sorted({k for below, above, _ in around for k in (below, above)}), axis=1)
        ends.append([means[:, below] * (1 - on) + means[:, above] * on for below, above, on in around])
    low, high = (np.concatenate([end[k] for end in ends]) for k in (0, 1))
    return _widening(n, tail) * np.maximum(0.0, -low), _widening(n, tail) * np.maximum(0.0, high)


@cache
def _draws(n: int) -> np.ndarray:
    """How often each of n items is drawn in each resample, (resample, item); the same in every run."""
    random = np.random.default_rng(n)
    return random.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)


@cache
def _student(n: int, tail: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - tail))


@cache
def _widening(n: int, tail: float) -> float:
    from scipy.special import ndtri

    return math.sqrt(n / (n - 1)) * _student(n, tail) / float(ndtri(1 - tail))
