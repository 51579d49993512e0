"""One step of Adam on a flat vector of parameters (torch); torch.optim takes seconds to import, which a fit would pay.

Source: D. P. Kingma & J. Ba, International Conference on Learning Representations (2015).
"""

from __future__ import annotations

import torch

FIRST, SECOND, SMALL = 0.9, 0.999, 1e-8


@torch.no_grad()
def adam(
    vector: torch.Tensor, gradient: torch.Tensor, mean: torch.Tensor, square: torch.Tensor, step: int, rate: float
) -> None:
    """Update `vector` and both moments in place; `step` counts from 1."""
    mean.lerp_(gradient, 1 - FIRST)
    square.mul_(SECOND).addcmul_(gradient, gradient, value=1 - SECOND)
    scale = (square / (1 - SECOND**step)).sqrt_().add_(SMALL)
    vector.addcdiv_(mean, scale, value=-rate / (1 - FIRST**step))
