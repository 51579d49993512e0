"""A learned flow map of a homogeneous plasma as a propagator: any particles, any times up to the last trained one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..contracts import (
    CorruptFile,
    Ensemble,
    HomogeneousLandau,
    Precision,
    Query,
    Solution,
    TrainedPropagator,
    Trajectory,
    Unsupported,
)
from .flow_regression import NETWORK, SCALES, direction, displacements, shapes

ROWS = 1 << 15  # particles that are mapped at a time, so that layers stay in cache


@dataclass(frozen=True, eq=False)
class FlowMap(TrainedPropagator):
    """T_θ of `kineticbench.numerics.flow_regression`, its arrays by name."""

    arrays: dict[str, torch.Tensor]

    @classmethod
    def load(
        cls, path: Path, width: int, equation: HomogeneousLandau, place: torch.device, precision: Precision
    ) -> FlowMap:
        """Read what `save` wrote; `CorruptFile` where it is no such map of that width and dimension."""
        try:
            found = load_file(path, device=str(place))
            arrays = {name: found[name].to(getattr(torch, precision)) for name in (*NETWORK, *SCALES)}
        except (SafetensorError, KeyError, OSError) as error:
            raise CorruptFile(f"{path} holds no flow map ({error}).", "Delete it and train again.") from None
        for name, shape in shapes(width, equation.dimension).items():
            if arrays[name].shape != shape or not bool(torch.isfinite(arrays[name]).all()):
                raise CorruptFile(
                    f"{path}: {name} must be finite and of shape {shape}, got shape {tuple(arrays[name].shape)}.",
                    "Restore it with the width it was trained with, or delete it and train again.",
                )
        return cls(arrays)

    def save(self, path: Path) -> None:
        """Write network and scales."""
        save_file({name: array.detach().cpu().contiguous() for name, array in self.arrays.items()}, path)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Particles at every time, and the series of their mass, energy and momentum, in the network's precision."""
        if ensemble is None:
            raise Unsupported("A flow map moves particles, and there are none.")
        last = float(self.arrays["times"][-1])
        if query.final_time > last * (1 + 1e-6):
            raise Unsupported(f"The flow map knows times up to {last:g}, and t = {query.final_time:g} is asked for.")
        with torch.inference_mode():
            like = self.arrays["weight_1"]
            start = torch.from_numpy(np.array(ensemble.velocities)).to(like)
            weights = torch.from_numpy(np.array(ensemble.weights)).to(like)
            snapshots = [self._at(float(time), start) for time in query.times]
            velocities = torch.stack(snapshots) if snapshots else start.new_empty((0, *start.shape))
            series = self._series(start, weights, query.series)
        arrays = {"velocities": velocities, "weights": weights, **series}
        if like.device.type == "cpu":
            arrays = {name: array.numpy() for name, array in arrays.items()}
        trajectory = Trajectory(None, arrays.pop("velocities"), arrays.pop("weights"))
        return Solution(trajectory, series=arrays)

    def _at(self, time: float, start: torch.Tensor) -> torch.Tensor:
        """T_θ(t, v₀) for starts (case, particle, d)."""
        rows = start.reshape(-1, start.shape[2])
        moved = []
        for part in rows.split(ROWS):
            times = part.new_full((len(part),), time)
            moved.append(part + displacements(self.arrays, times)[:, None] * direction(self.arrays, times, part))
        return torch.cat(moved).view(start.shape)

    def _series(self, start: torch.Tensor, weights: torch.Tensor, times: np.ndarray) -> dict[str, Any]:
        energy, momentum = [], []
        for time in times:
            v = self._at(float(time), start)
            energy.append(0.5 * torch.einsum("ci,cid,cid->c", weights, v, v))
            momentum.append(torch.linalg.vector_norm(torch.einsum("ci,cid->cd", weights, v - start), dim=-1))
        if not energy:
            return {}
        mass = weights.sum(1, keepdim=True).expand(-1, len(times)).contiguous()
        return {"mass": mass, "energy": torch.stack(energy, dim=1), "momentum": torch.stack(momentum, dim=1)}
