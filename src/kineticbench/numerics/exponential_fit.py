"""Fits of a complex exponential wave to a signal: damping and growth rates, and frequencies.

    standing wave   y(t) = a e^{(γ + iω)t} + b e^{(γ − iω)t}          growth in place   y(t) = a e^{γt}

with complex a and b. Given γ and ω, the best a and b solve a linear least-squares problem, so only γ and ω are
searched (variable projection; G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)), from the values of a
matrix pencil (Y. Hua and T. K. Sarkar, IEEE Trans. Acoust. Speech Signal Process. 38, 814 (1990)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.optimize
from jaxtyping import Float

from kineticbench.contracts import InvalidInput

_FEWEST = 8


@dataclass(frozen=True)
class ExponentialFit:
    """What was fitted.

    Parameters
    ----------
    rate
        γ: negative where the signal is damped.
    frequency
        ω ≥ 0; 0 for growth in place.
    residual
        Root mean square of what is left over that of the signal, both weighted as in the fit.
    """

    rate: float
    frequency: float
    residual: float


def fit_exponential(
    times: Float[np.ndarray, "step"],
    signal: np.ndarray,
    window: tuple[float, float],
    oscillating: bool = True,
    companions: Sequence[complex] = (),
) -> ExponentialFit:
    """Least-squares fit to the samples of a uniform series within a window.

    A growing signal (by the first estimate γ₀) is fitted with weights e^(−γ₀t), so that its beginning counts as much as
    its end; a damped one with equal weights, which are best for noise of constant size.

    Parameters
    ----------
    times
        Uniformly spaced.
    signal
        Complex or real, one value for each time.
    window
        Start and end, both included.
    oscillating
        Whether to fit a standing wave, or growth in place.
    companions
        Exponents s of further waves e^{st} in the signal, known and kept; their amplitudes are fitted along.

    Raises
    ------
    InvalidInput
        Where the window holds fewer than 8 samples, the times are not uniform, or the signal is not finite or zero.
    """
    slack = 1e-9 * max(1.0, abs(window[1]))
    inside = (times >= window[0] - slack) & (times <= window[1] + slack)
    t, y = times[inside], np.asarray(signal)[inside].astype(complex)
    if t.size < _FEWEST:
        raise InvalidInput(
            f"The window from t = {window[0]:g} to {window[1]:g} holds {t.size} samples, and a fit needs {_FEWEST}.",
            "Ask for a finer series or widen the window.",
        )
    if np.ptp(np.diff(t)) > 1e-6 * (t[1] - t[0]):
        raise InvalidInput("A fit needs a series at uniform steps.")
    if not np.isfinite(y).all() or not np.abs(y).max() > 0:
        raise InvalidInput("A signal that is to be fitted must be finite and must not vanish.")
    t = t - t[0]
    y = y / np.abs(y).max()
    known = np.exp(np.outer(t, np.asarray(companions, dtype=complex)))
    guess = _estimate(t, y, oscillating)
    weights = np.exp(-max(guess[0], 0.0) * t)

    def left_over(parameters: np.ndarray) -> np.ndarray:
        basis = np.concatenate([_basis(t, parameters), known], axis=1) * weights[:, None]
        left = weights * y - basis @ np.linalg.lstsq(basis, weights * y, rcond=None)[0]
        return np.concatenate([left.real, left.imag])

    scale = np.full(guess.size, 1 / t[-1])
    found = scipy.optimize.least_squares(left_over, guess, x_scale=scale, xtol=1e-11, ftol=1e-14, gtol=1e-15)
    residual = float(np.sqrt(2 * found.cost) / np.linalg.norm(weights * y))
    return ExponentialFit(float(found.x[0]), abs(float(found.x[1])) if oscillating else 0.0, residual)


def _basis(t: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """Columns e^{γt} cos ωt and e^{γt} sin(ωt)/ω, which stay independent as ω goes to 0; e^{γt} alone without ω."""
    envelope = np.exp(parameters[0] * t)
    if parameters.size == 1:
        return envelope[:, None]
    omega = parameters[1]
    return np.stack([envelope * np.cos(omega * t), envelope * t * np.sinc(omega * t / np.pi)], axis=1)


def _estimate(t: np.ndarray, y: np.ndarray, oscillating: bool) -> np.ndarray:
    """First estimates: (γ, ω) from the strongest pole of a matrix pencil, or (γ,) from the slope of ln |y|."""
    if not oscillating:
        return np.polyfit(t, np.log(np.abs(y) + np.finfo(float).tiny), 1)[:1]
    stride = max(1, t.size // 200)
    samples = y[::stride]
    columns = samples.size // 2
    hankel = scipy.linalg.hankel(samples[: samples.size - columns], samples[samples.size - columns - 1 :])
    right = np.linalg.svd(hankel, full_matrices=False)[2][:2].conj().T
    poles = np.linalg.eigvals(np.linalg.lstsq(right[:-1], right[1:], rcond=None)[0])
    exponents = np.log(poles.conj()) / (t[stride] - t[0])
    columns = np.exp(np.outer(t, exponents))
    size = np.abs(np.linalg.lstsq(columns, y, rcond=None)[0]) * np.linalg.norm(columns, axis=0)
    best = exponents[np.argmax(size)]
    return np.array([best.real, abs(best.imag)])
