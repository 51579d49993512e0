"""The entropy ∫ f ln f of samples, from the distances to their nearest neighbours.

    −∫ f ln f ≈ ψ(N) − ψ(k) + ln c_d + (d/N) Σ_i ln ε_i,    c_d = π^(d/2) / Γ(d/2 + 1)

ε_i is the distance from sample i to its k-th nearest neighbour, ψ the digamma function. For N independent samples the
bias falls as N^(−2/d) up to logarithms in smooth regions, and more slowly where tails are thin; the standard deviation
is about ((ψ'(k) + Var ln f) / N)^½. k = 4 has a sixth of the variance of k = 1 from distances, and stands up to
coinciding pairs.

Source: L. F. Kozachenko & N. N. Leonenko, Probl. Inf. Transm. 23 (1987) 95; for k > 1: A. Kraskov, H. Stögbauer &
P. Grassberger, Phys. Rev. E 69 (2004) 066138.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput


def entropy(v: Float[np.ndarray, "n d"], neighbours: int = 4) -> float:
    """∫ f ln f of a law of unit mass from samples of equal weight; takes about N ln N in few dimensions.

    Raises
    ------
    InvalidInput
        For fewer than `neighbours` + 1 samples, and where more than `neighbours` of them coincide, as the estimate is
        then infinite.
    """
    from scipy.spatial import KDTree
    from scipy.special import digamma

    number, d = v.shape
    if number <= neighbours:
        raise InvalidInput(f"The entropy of {number} particles cannot be estimated from {neighbours} neighbours each.")
    distance = np.asarray(KDTree(v, leafsize=16).query(v, neighbours + 1, workers=-1)[0])[:, -1]
    if not distance.min() > 0:
        together = int((distance == 0).sum())
        raise InvalidInput(
            f"{together} of {number} particles coincide with at least {neighbours} others: their entropy is infinite.",
            "Look for particles that a method holds at one place.",
        )
    ball = 0.5 * d * math.log(math.pi) - math.lgamma(0.5 * d + 1)
    return -float(digamma(number) - digamma(neighbours) + ball + d * np.log(distance).mean())
