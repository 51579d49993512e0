"""Exact roots of the kinetic dispersion relation for mixtures of drifting Maxwellians.

With ω_p = 1 and the plasma dispersion function Z(ζ) = i√π w(ζ) (w: Faddeeva), waves e^{i(kq − ωt)} satisfy

    D(ω, k) = 1 + Σ_j n_j / (k² σ_j²) · [1 + ζ_j Z(ζ_j)] = 0,    ζ_j = (ω/k − u_j) / (√2 σ_j)

in the whole complex plane (Landau's continuation). Roots are isolated by the argument principle: D is entire, so the
winding number of D around a rectangle counts the roots in it; rectangles are halved until each holds one, which Newton
polishes. A growing root has Im ω < ω_p, since 1 = ∫ F / (ω − kp)² dp ≤ 1 / (Im ω)²; so a rectangle bounds them all.

Sources: B. D. Fried and S. D. Conte, The Plasma Dispersion Function (1961); L. M. Delves and J. N. Lyness, Math.
Comp. 21, 543 (1967).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import wofz

from kineticbench.contracts import Diverged, require_positive

from .maxwellians import Maxwellians

# Off the middle, so that no cut runs along the axes, where symmetric plasmas have their roots.
_CUT = 0.4657
_LARGE = 20.0
_SAMPLES = (8, 32, 128, 512)


@dataclass(frozen=True)
class Wave:
    """A root ω of the dispersion relation.

    Parameters
    ----------
    wavenumber
        k > 0.
    omega
        ω in units of ω_p; the wave is e^{i(kq − ωt)}.
    response
        Its share c in the field after the start (1 + α cos kq) F(p): (1/L) ∫ E e^{−ikq} dq = (α/2) Σ c e^{−iωt}, summed
        over all waves, at times at which it converges; c is the residue (i/k²) ∫ F/(p − ω/k) dp / (∂D/∂ω).
    """

    wavenumber: float
    omega: complex
    response: complex

    @property
    def growth_rate(self) -> float:
        """Im ω: negative where the wave is damped."""
        return self.omega.imag

    @property
    def frequency(self) -> float:
        """|Re ω|; exactly 0 for a purely growing wave."""
        return abs(self.omega.real)


def dispersion(omega: np.ndarray, k: float, plasma: Maxwellians) -> tuple[np.ndarray, np.ndarray]:
    """D(ω, k) and ∂D/∂ω for complex ω of any shape.

    Raises
    ------
    InvalidInput
        Where k is not positive.
    """
    require_positive("The wavenumber k", k)
    shape = np.shape(omega)
    omega = np.atleast_1d(np.asarray(omega, dtype=complex))
    value, slope = np.ones_like(omega), np.zeros_like(omega)
    for n, u, s in zip(plasma.fractions, plasma.drifts, plasma.spreads, strict=True):
        stretch = math.sqrt(2) * s * k
        response, derivative = _response((omega - k * u) / stretch)
        value += n / (k * s) ** 2 * response
        slope += n / (k * s) ** 2 * derivative / stretch
    return value.reshape(shape), slope.reshape(shape)


def dominant_wave(k: float, plasma: Maxwellians) -> Wave:
    """The fastest growing wave, or the least damped one where none grows; of a mirror pair, the one with Re ω ≥ 0.

    Raises
    ------
    InvalidInput
        Where k is not positive.
    Diverged
        Where no root is found, which no plasma tried so far has caused.
    """
    return waves(k, plasma, 1)[0]


def waves(k: float, plasma: Maxwellians, number: int) -> list[Wave]:
    """At least `number` waves, from the fastest growing down; all those that are damped less than the last are there.

    A symmetric plasma has them in mirror pairs ±Re ω, the positive one first.
    """
    require_positive("The wavenumber k", k)
    require_positive("number", number, whole=True)
    thermal = math.sqrt(2) * k * min(plasma.spreads)
    for depth in (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24):
        found = roots(k, plasma, -depth * thermal)
        if len(found) >= number:
            found.sort(key=lambda omega: (-round(omega.imag, 12), -omega.real))
            return [Wave(k, omega, _initial_response(omega, k, plasma)) for omega in found]
    raise Diverged(f"Fewer than {number} waves were found at k = {k:g} above Im ω = {-24 * thermal:g}.")


def roots(k: float, plasma: Maxwellians, lowest: float) -> list[complex]:
    """Every root ω of D(ω, k) with Im ω ≥ `lowest`, in no particular order."""
    reach = k * max(abs(edge) for edge in plasma.support(8.0)) + 2 + 2 * abs(lowest)
    low, high = complex(-1.013 * reach, lowest), complex(1.0297 * reach, 1.01)
    found = _isolate(low, high, count_roots(low, high, k, plasma, _SAMPLES[1]), k, plasma)
    return [_without_rounding(w) for w in found]


def _without_rounding(omega: complex) -> complex:
    real, imag = omega.real, omega.imag
    return complex(0.0 if abs(real) < 1e-12 * abs(omega) else real, 0.0 if abs(imag) < 1e-30 * abs(omega) else imag)


def count_roots(low: complex, high: complex, k: float, plasma: Maxwellians, samples: int = 32) -> int:
    """Number of roots in the rectangle with these lower left and upper right corners, from the winding of D.

    The contour is sampled `samples` times along the rectangle's shorter side, as densely along the others, at the
    thermal phase velocities of each component, and then wherever the phase of D turns by more than 0.7 between
    neighbours.

    Raises
    ------
    Diverged
        Where a root lies on the contour itself.
    """
    spacing = min(high.real - low.real, high.imag - low.imag) / samples
    thermal = [k * (u + s * np.linspace(-8, 8, 65)) for u, s in zip(plasma.drifts, plasma.spreads, strict=True)]
    right, up = _axis(low.real, high.real, spacing, *thermal), _axis(low.imag, high.imag, spacing)
    sides = [right + 1j * low.imag, high.real + 1j * up, right[::-1] + 1j * high.imag, low.real + 1j * up[::-1]]
    contour = np.concatenate([*(side[:-1] for side in sides), [low]])
    values = dispersion(contour, k, plasma)[0]
    for _ in range(40):
        turns = np.angle(values[1:] / values[:-1])
        coarse = np.flatnonzero(~(np.abs(turns) < 0.7))
        if coarse.size == 0:
            return round(float(turns.sum()) / (2 * math.pi))
        between = 0.5 * (contour[coarse] + contour[coarse + 1])
        contour = np.insert(contour, coarse + 1, between)
        values = np.insert(values, coarse + 1, dispersion(between, k, plasma)[0])
    raise Diverged(f"A root of the dispersion relation lies on the rectangle from {low:g} to {high:g}.")


def _isolate(low: complex, high: complex, number: int, k: float, plasma: Maxwellians) -> list[complex]:
    """The `number` roots in a rectangle, by halving it until Newton finds them one by one."""
    if number == 0:
        return []
    width, height = high.real - low.real, high.imag - low.imag
    if number == 1 or max(width, height) < 1e-7 * k:
        root = _polish(low, high, k, plasma)
        if root is not None and low.real < root.real < high.real and low.imag < root.imag < high.imag:
            return [root] * number
    if width > height:
        cut = low.real + _CUT * width
        parts = [(low, complex(cut, high.imag)), (complex(cut, low.imag), high)]
    else:
        cut = low.imag + _CUT * height
        parts = [(low, complex(high.real, cut)), (complex(low.real, cut), high)]
    for samples in _SAMPLES:
        counts = [count_roots(*part, k, plasma, samples) for part in parts]
        if sum(counts) == number:
            return [root for part, n in zip(parts, counts, strict=True) for root in _isolate(*part, n, k, plasma)]
    raise Diverged(f"The {number} roots of the dispersion relation between {low:g} and {high:g} cannot be told apart.")


def _axis(low: float, high: float, spacing: float, *extra: np.ndarray) -> np.ndarray:
    """Increasing points from `low` to `high`, no further apart than `spacing`, with those of `extra` between them."""
    inside = [points[(points > low) & (points < high)] for points in extra]
    return np.unique(np.concatenate([np.linspace(low, high, max(17, math.ceil((high - low) / spacing) + 1)), *inside]))


def _polish(low: complex, high: complex, k: float, plasma: Maxwellians) -> complex | None:
    """Newton from the middle of the rectangle; None where it strays or does not settle."""
    omega, size = 0.5 * (low + high), abs(high - low)
    for _ in range(60):
        value, slope = (complex(x) for x in dispersion(np.asarray(omega), k, plasma))
        step = value / slope if slope else math.inf
        if not abs(step) < size:
            return None
        omega -= step
        if abs(step) <= 4e-16 * abs(omega):
            return omega
    return omega if abs(step) < 1e-12 * abs(omega) else None


def _initial_response(omega: complex, k: float, plasma: Maxwellians) -> complex:
    """Residue (i/k²) ∫ F/(p − ω/k) dp / (∂D/∂ω) at a root."""
    total = 0j
    for n, u, s in zip(plasma.fractions, plasma.drifts, plasma.spreads, strict=True):
        zeta = np.atleast_1d(np.asarray((omega / k - u) / (math.sqrt(2) * s), dtype=complex))
        total += n * complex((_response(zeta)[0][0] - 1) / zeta[0]) / (math.sqrt(2) * s)
    return 1j / k**2 * total / complex(dispersion(np.asarray(omega), k, plasma)[1])


def _response(zeta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 + ζ Z(ζ) and its derivative, by the asymptotic series where |ζ| is large and the sum would cancel."""
    with np.errstate(over="ignore", invalid="ignore"):
        Z = 1j * math.sqrt(math.pi) * wofz(zeta)
        value = 1 + zeta * Z
        slope = Z - 2 * zeta * value
        far = np.abs(zeta) > _LARGE
        if far.any():
            value[far], slope[far] = _far_response(zeta[far])
    return value, slope


def _far_response(zeta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same by 1 + ζ Z = −Σ_n (2n − 1)!! / (2ζ²)ⁿ, plus 2i√π ζ e^(−ζ²) below the real axis."""
    inverse = 1 / zeta
    term, value, slope = np.ones_like(zeta), np.zeros_like(zeta), np.zeros_like(zeta)
    for n in range(1, 16):
        term = term * ((n - 0.5) * inverse * inverse)
        value -= term
        slope += 2 * n * inverse * term
    below = np.imag(zeta) < 0
    residue = 2j * math.sqrt(math.pi) * np.exp(-(zeta[below] ** 2))
    value[below] += zeta[below] * residue
    slope[below] += (1 - 2 * zeta[below] ** 2) * residue
    return value, slope
