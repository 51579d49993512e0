"""Networks from sorted start to sorted later states as a propagator of the Vlasov–Poisson equation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..contracts import CorruptFile, Ensemble, Precision, Query, Solution, TrainedPropagator, Trajectory, Unsupported
from .sorted_networks import NETWORK, SCALES, evaluate, shapes, sorted_states


def require_times(query: Query, last: float) -> None:
    """`Unsupported` for a query beyond the last trained time."""
    if query.times.size and query.times[-1] > last * (1 + 1e-12):
        raise Unsupported(f"mlp was trained up to t = {last:g} and knows nothing of t = {query.times[-1]:g}.")


@dataclass(frozen=True, eq=False)
class SortedQuantiles(TrainedPropagator):
    """Both networks side by side.

    Parameters
    ----------
    arrays
        `NETWORK` and `SCALES` by name, (network, …): 0 for positions, 1 for momenta.
    times
        (time,): the trained ones, without 0.
    length
        L, the period of the box.
    """

    arrays: dict[str, torch.Tensor]
    times: np.ndarray
    length: float

    @classmethod
    def load(cls, path: Path, width: int, length: float, place: torch.device, precision: Precision) -> SortedQuantiles:
        """Read what `save` wrote; `CorruptFile` where it holds no networks of that width."""
        try:
            found = load_file(path, device=str(place))
            times = found["times"].cpu().numpy()
            arrays = {name: found[name].to(getattr(torch, precision)) for name in (*NETWORK, *SCALES)}
            expected = shapes(width, arrays["weight_1"].shape[1] // 2, times.size)
        except (SafetensorError, KeyError, IndexError, OSError) as error:
            raise CorruptFile(f"{path} holds no fit of mlp ({error}).", "Delete it and train again.") from None
        for name, shape in expected.items():
            if arrays[name].shape != shape or not bool(torch.isfinite(arrays[name]).all()):
                raise CorruptFile(
                    f"{path}: {name} must be finite and of shape {shape}, got shape {tuple(arrays[name].shape)}.",
                    "Restore it with the width it was trained with, or delete it and train again.",
                )
        return cls(arrays, times, length)

    def save(self, path: Path) -> None:
        """Write networks, scales and times."""
        arrays = {name: array.detach().cpu().contiguous() for name, array in self.arrays.items()}
        save_file(arrays | {"times": torch.from_numpy(self.times.copy())}, path)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Sorted positions and momenta of every case at every time, in the precision of the networks."""
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("mlp maps given particles, and this problem gives none.")
        require_times(query, self.times[-1])
        weights, n = self.arrays["weight_1"], self.arrays["weight_1"].shape[1] // 2
        if ensemble.particles != n:
            raise Unsupported(f"mlp was trained on {n} particles, and there are {ensemble.particles}.")
        with torch.inference_mode():
            start = sorted_states(ensemble.positions, ensemble.velocities).to(weights)
            known = torch.cat([start[None], evaluate(self.arrays, start)])
            knots = np.concatenate([[0.0], self.times])
            left = np.clip(np.searchsorted(knots, query.times, side="right") - 1, 0, knots.size - 2)
            share = torch.from_numpy((query.times - knots[left]) / np.diff(knots)[left]).to(weights)
            states = torch.lerp(known[left], known[left + 1], share[:, None, None, None])[..., None]
            positions = torch.remainder(states[:, 0], self.length)
            positions[positions >= self.length] = 0.0  # what is just below 0 may round to L
            arrays = [positions, states[:, 1].contiguous()]
            if weights.device.type == "cpu":
                arrays = [array.numpy() for array in arrays]
        equal = np.broadcast_to(np.asarray(1 / n, str(weights.dtype)[6:]), start.shape[1:])
        trajectory = Trajectory(arrays[0], arrays[1], equal)
        return Solution(trajectory, diagnostics={"joint_law": np.zeros(1)})
