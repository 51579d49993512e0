"""Symmetric splittings of dq/dt = p, dp/dt = E(q): sequences of kicks and drifts.

Orders 4 and 6 are the Runge–Kutta–Nyström splittings SRKN₆ᵇ and SRKN₁₁ᵇ of S. Blanes and P. C. Moan, J. Comput. Appl.
Math. 142, 313 (2002). They use that the triple commutator of kicks with the drift vanishes, which holds for the
Vlasov–Poisson equation too (F. Casas et al., Numer. Math. 135, 769 (2017)).
"""

from __future__ import annotations

from kineticbench.contracts import InvalidInput

_HALF_KICKS = {
    2: (0.5,),
    4: (0.0829844064174052, 0.396309801498368, -0.0390563049223486),
    6: (
        0.0414649985182624,
        0.198128671918067,
        -0.0400061921041533,
        0.0752539843015807,
        -0.0115113874206879,
    ),
}
_HALF_DRIFTS = {
    2: (),
    4: (0.245298957184271, 0.604872665711080),
    6: (
        0.123229775946271,
        0.290553797799558,
        -0.127049212625417,
        -0.246331761062075,
        0.357208872795928,
    ),
}


def kicks_and_drifts(order: int) -> list[tuple[float, float]]:
    """Fractions (b, a) of the step: kick by b, then drift by a, in turn; the last drift is 0. Both columns sum to 1.

    Raises
    ------
    InvalidInput
        For an order other than 2 (Strang), 4 or 6.
    """
    if order not in _HALF_KICKS:
        raise InvalidInput(f"There is no splitting of order {order!r}.", "Take 2, 4 or 6.")
    b, a = _HALF_KICKS[order], _HALF_DRIFTS[order]
    if order == 2:
        return [(0.5, 1.0), (0.5, 0.0)]
    if order == 4:
        kicks = [*b, 1 - 2 * sum(b), *reversed(b)]
        half = [*a, 0.5 - sum(a)]
        drifts = [*half, *reversed(half), 0.0]
    else:
        half = [*b, 0.5 - sum(b)]
        kicks = [*half, *reversed(half)]
        drifts = [*a, 1 - 2 * sum(a), *reversed(a), 0.0]
    return list(zip(kicks, drifts, strict=True))
