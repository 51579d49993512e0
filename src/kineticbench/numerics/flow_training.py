"""Learning H = a² Σ p²/2 + V(q) from states at a later time, by maximum likelihood of where they came from.

    ℓ = ⟨ −Σ_i log N(q_i(0); μ_q, σ_q) − Σ_i log N(p_i(0); μ_p, σ_p) ⟩,    (q, p)(0) = Φ₋T (q, p)(T)

Φ is the leapfrog flow; it keeps volume, so the likelihood needs no Jacobian (Souveton & Terrana 2025). Matrices are
updated by orthogonalised momentum (Muon: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/), everything
else by Adam, in the coordinates of `kineticbench.numerics.mean_field`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.typing import ArrayLike
from optax import contrib

from ..contracts import Device, InvalidInput, Precision, TrainingSet
from . import mean_field, tabulation
from .hamiltonian_flow import flow
from .jax_scope import scope, side_by_side
from .periodic import unwrap
from .symmetric_potential import Potential, exact, tabulate
from .training import batch

CONDITIONS = ("mean_position", "std_position", "mean_momentum", "std_momentum")

SHARD = 64
"""Cases whose gradient is taken by one program; shards run side by side."""

MATRIX_RATE = 10.0
"""Learning rate of matrices in units of that of vectors."""

ROOM = 1.3
"""How far beyond the training states the splines reach at first, in units of their reach."""


class Learned(NamedTuple):
    """What is learned: a, and V in latent coordinates."""

    a: jax.Array
    latent: Potential


@dataclass(frozen=True, eq=False)
class Arrivals:
    """States at the final time, and the Gaussians they came from.

    Parameters
    ----------
    q, p
        (case, particle), positions unwrapped and relative to the mean position of the case's start.
    start
        (case, 3): standard deviation of position, mean and standard deviation of momentum.
    duration
        T.
    """

    q: np.ndarray
    p: np.ndarray
    start: np.ndarray
    duration: float

    @classmethod
    def of(cls, training: TrainingSet | None, length: float) -> Arrivals:
        """The last states of a training set, unwrapped to the images nearest to where they started.

        Raises
        ------
        InvalidInput
            Where there is no training set, or its conditions do not name the start's means and spreads.
        """
        if training is None or training.states.positions is None:
            raise InvalidInput("There are no states with positions to learn from.", "Train on another dataset.")
        missing = [name for name in CONDITIONS if name not in training.conditions]
        if missing:
            raise InvalidInput(
                f"The training set must have the conditions {', '.join(CONDITIONS)}; {', '.join(missing)} is missing.",
                "The likelihood of the start needs them.",
            )
        start = np.stack([np.asarray(training.conditions[name], float) for name in CONDITIONS], 1)
        q = unwrap(np.asarray(training.states.positions[-1, ..., 0], float), length)
        q -= start[:, :1]
        q -= length * np.round(q.mean(1, keepdims=True) / length)
        duration = float(training.times[-1] - training.times[0])
        return cls(q, np.asarray(training.states.velocities[-1, ..., 0], float), start[:, 1:], duration)

    def reach(self) -> float:
        """The largest distance of any particle from the mean position of its case."""
        return float(np.abs(self.q - self.q.mean(1, keepdims=True)).max())


@dataclass(frozen=True)
class Numerics:
    """How the flow is computed during training.

    Parameters
    ----------
    steps
        Leapfrog steps back over the duration.
    nodes
        Nodes of the splines, 0 for the exact form.
    batch
        Cases an update.
    """

    steps: int
    nodes: int
    batch: int


class FlowLearner:
    """A `kineticbench.numerics.training.Learner` of a Hamiltonian flow."""

    def __init__(
        self, data: Arrivals, hidden: int, numerics: Numerics, seed: int, device: Device, precision: Precision
    ):
        self._data, self._numerics, self._seed = data, numerics, seed
        self._place: tuple[Device, Precision] = (device, precision)
        latent, self._units = mean_field.start(hidden, seed, data.q, data.p, float(data.start[:, 0].mean()))
        self._nodes = numerics.nodes
        usual = ROOM * data.reach()
        self._spacing = usual / (numerics.nodes // 2 - tabulation.MARGIN) if numerics.nodes else 0.0
        with scope(*self._place):
            self._learned: Learned = mean_field.as_arrays(Learned(np.ones(()), latent), precision)  # type: ignore
            self._optimiser = _OPTIMISER.init(self._learned)

    def update(self, step: int, rate: float) -> float:
        """One update on the batch of this step; widens the splines first if a particle left them."""
        chosen = batch(len(self._data.q), self._numerics.batch, self._seed, step)
        shards = np.array_split(chosen, -(-len(chosen) // SHARD))
        parts = side_by_side(self._gradient, shards, *self._place)
        while self._nodes and (far := max(float(part[2]) for part in parts)) > self._covered():
            self._nodes = tabulation.nodes_for(2 * min(far, 2 * self._covered()), self._spacing)
            parts = side_by_side(self._gradient, shards, *self._place)
        with scope(*self._place):
            losses, gradients, _ = zip(*parts, strict=True)
            self._learned, self._optimiser, loss = _apply(
                self._learned, self._optimiser, losses, gradients, [len(s) / len(chosen) for s in shards], rate
            )
            return float(loss)

    def state(self) -> dict[str, np.ndarray]:
        """Weights, optimiser and number of nodes."""
        leaves = jax.tree.leaves((self._learned, self._optimiser))
        named = {f"learner/{i:03d}": np.asarray(leaf) for i, leaf in enumerate(leaves)}
        return {**named, "learner/nodes": np.array(self._nodes)}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to what `state` returned."""
        leaves, structure = jax.tree.flatten((self._learned, self._optimiser))
        with scope(*self._place):
            kept = [
                jnp.asarray(state[f"learner/{i:03d}"].reshape(leaf.shape), leaf.dtype) for i, leaf in enumerate(leaves)
            ]
        self._learned, self._optimiser = jax.tree.unflatten(structure, kept)
        self._nodes = state["learner/nodes"].item()

    def result(self) -> tuple[float, Potential]:
        """a, and V in its plain form, float64 NumPy arrays."""
        with scope("cpu", "float64"):
            latent = mean_field.as_arrays(jax.tree.map(np.asarray, self._learned.latent), "float64")
            potential = mean_field.plain(latent, self._units)  # type: ignore[arg-type]
            return float(self._learned.a), jax.tree.map(np.asarray, potential)

    def _covered(self) -> float:
        return tabulation.covered(self._nodes, self._spacing)

    def _gradient(self, cases: np.ndarray) -> tuple[jax.Array, Learned, jax.Array]:
        dtype = self._place[1]
        arrays = (jnp.asarray(x[cases], dtype) for x in (self._data.q, self._data.p, self._data.start))
        h = -self._data.duration / self._numerics.steps
        units = self._units._replace(features=jnp.asarray(self._units.features, dtype))  # type: ignore[arg-type]
        (loss, far), gradient = _loss_gradient(
            self._learned, units, *arrays, h, self._spacing, steps=self._numerics.steps, nodes=self._nodes
        )
        return loss, gradient, far


@partial(jax.jit, static_argnames=("steps", "nodes"))
@partial(jax.value_and_grad, has_aux=True)
def _loss_gradient(
    learned: Learned,
    units: mean_field.Units,
    q: jax.Array,
    p: jax.Array,
    start: jax.Array,
    h: jax.Array,
    spacing: jax.Array,
    *,
    steps: int,
    nodes: int,
) -> tuple[jax.Array, jax.Array]:
    """ℓ of some cases, and how far a particle came from its mean position on the way."""
    potential, particles = mean_field.plain(learned.latent, units), q.shape[1]
    form = tabulate(potential, particles, nodes, spacing) if nodes else exact(potential, particles)
    q, p, far = flow(form, learned.a**2, q, p, h, steps)
    loss = 0.0
    for x, mean, std in ((q, jnp.zeros(1, q.dtype), start[:, 0]), (p, start[:, 1], start[:, 2])):
        loss += (0.5 * ((x - mean[..., None]) / std[:, None]) ** 2).sum(1) + particles * jnp.log(std)
    return loss.mean() + particles * jnp.log(2 * jnp.pi), far


def _kinds(learned: Learned) -> Any:
    return jax.tree.map(lambda leaf: "matrix" if leaf.ndim == 2 else "vector", learned)


def _all_matrices(learned: Learned) -> Any:
    return jax.tree.map(lambda _: contrib.MuonDimensionNumbers(), learned)


_MUON = contrib.scale_by_muon(weight_dimension_numbers=_all_matrices)  # type: ignore[arg-type]
_OPTIMISER = optax.partition(
    {
        "matrix": optax.chain(_MUON, optax.scale(-MATRIX_RATE)),
        "vector": optax.chain(optax.scale_by_adam(nesterov=True), optax.scale(-1.0)),
    },
    _kinds,
)


@jax.jit
def _apply(
    learned: Learned, optimiser: Any, losses: tuple, gradients: tuple, shares: list[ArrayLike], rate: ArrayLike
) -> tuple[Learned, Any, jax.Array]:
    """Weights and optimiser after one update, and the mean loss."""

    def mean(*parts: jax.Array) -> Any:
        return sum((share * part for share, part in zip(shares[1:], parts[1:], strict=True)), shares[0] * parts[0])

    updates, optimiser = _OPTIMISER.update(jax.tree.map(mean, *gradients), optimiser, learned)
    updates = jax.tree.map(lambda update, leaf: (rate * update).astype(leaf.dtype), updates, learned)
    return optax.apply_updates(learned, updates), optimiser, mean(*losses)  # type: ignore[return-value]
