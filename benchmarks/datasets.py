"""asv: what it costs to pose every dataset, to find its truth, and to make what may be learned from; nothing cached."""

from __future__ import annotations

import os
import tempfile

NAMES = (
    "anisotropic_gaussian",
    "bi_gaussian_coulomb",
    "bkw",
    "bump_on_tail",
    "gaussian_ensemble",
    "gaussian_mixture",
    "landau_damping",
    "rosenbluth",
    "trubnikov",
    "two_stream",
)
WITH_TRAINING = tuple(name for name in NAMES if name not in ("bump_on_tail", "landau_damping", "two_stream"))
CASES = {"gaussian_ensemble": 256}


class _Fresh:
    """A dataset with its defaults, and an empty cache for every call."""

    param_names = ("dataset",)
    repeat = (4, 6, 1.0)
    number = 1
    warmup_time = 0.1

    def setup(self, name: str) -> None:
        from asv_runner.benchmarks.mark import SkipNotImplemented

        from kineticbench import catalog
        from kineticbench.contracts import UnknownName

        self.cache = tempfile.TemporaryDirectory()
        os.environ["KINETICBENCH_CACHE"] = self.cache.name
        if hasattr(self, "dataset"):
            return
        _learn_from_little()
        try:
            self.dataset = catalog.build("datasets", name, {})
        except UnknownName as error:
            raise SkipNotImplemented(str(error)) from error
        self.problem = self.dataset.problem(cases=CASES.get(name))

    def teardown(self, name: str) -> None:
        self.cache.cleanup()


def _learn_from_little() -> None:
    """Let training data of homogeneous plasmas be of few particles on a coarse mesh."""
    from kineticbench.numerics import velocity_training

    velocity_training.PARTICLES = 256
    velocity_training.CELLS = {2: 16, 3: 10}
    velocity_training.MAXWELL_CELLS = {2: 24, 3: 12}


class Posing(_Fresh):
    """The problem and its truth."""

    params = list(NAMES)

    def time_problem(self, name: str) -> None:
        self.dataset.problem(cases=CASES.get(name))

    def time_reference(self, name: str) -> None:
        self.dataset.reference(self.problem)


class Training(_Fresh):
    """Training data: all 20 000 cases of the ensemble; of homogeneous plasmas few particles on a coarse mesh."""

    params = list(WITH_TRAINING)

    def time_training(self, name: str) -> None:
        self.dataset.training()

    def peakmem_training(self, name: str) -> None:
        self.dataset.training()
