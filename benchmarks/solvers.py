"""asv: every solver from commit to commit: time, memory, training, and how right its answer is."""

from __future__ import annotations

import os
from pathlib import Path

from .cases import BY_NAME, LEARNED, METRICS, ROWS, SIZES, pose, scores


class _Shared:
    """What its benchmarks have in common: a folder for scores and training data, made anew for each commit."""

    timeout = 600

    def setup_cache(self) -> str:
        """The folder where this runs, which asv removes in the end."""
        return str(Path.cwd())


def _skip_unless(found: dict[str, float | str], metrics: tuple[str, ...]) -> None:
    """Skip the benchmark where none of these metrics has a value, with the reason."""
    from asv_runner.benchmarks.mark import SkipNotImplemented

    if all(isinstance(found[metric], str) for metric in metrics):
        raise SkipNotImplemented(str(found[metrics[0]]))


class Speed(_Shared):
    """A warm call, the arrays copied home; `size` multiplies cases, particles or cells."""

    params = ([row.name for row in ROWS], list(SIZES))
    param_names = ("setting", "size")
    repeat = (5, 10, 1.0)
    number = 1
    warmup_time = 0.2

    def setup(self, folder: str, setting: str, size: int) -> None:
        """Once in a process: everything compiled, and one call made."""
        if hasattr(self, "call"):
            return
        row = BY_NAME[setting]
        _skip_unless(scores(row, Path(folder)), METRICS[row.dataset])
        os.environ["KINETICBENCH_CACHE"] = str(Path(folder) / "cache")
        self.call = pose(row, size).fit()
        self.call()

    def time_solve(self, folder: str, setting: str, size: int) -> None:
        self.call()


class Memory(_Shared):
    """The most memory of a process that imports, fits and solves the larger size."""

    params = [row.name for row in ROWS]
    param_names = ("setting",)

    def setup(self, folder: str, setting: str) -> None:
        """Compile in another process, whose memory does not count."""
        row = BY_NAME[setting]
        _skip_unless(scores(row, Path(folder)), METRICS[row.dataset])
        os.environ["KINETICBENCH_CACHE"] = str(Path(folder) / "cache")

    def peakmem_solve(self, folder: str, setting: str) -> None:
        pose(BY_NAME[setting], SIZES[-1]).fit()()


class Training(_Shared):
    """A short training of every method that learns, its data made before; most of it is compiling."""

    params = [row.name for row in ROWS if row.solver in LEARNED]
    param_names = ("setting",)
    repeat = 3
    number = 1
    warmup_time = 0

    def setup(self, folder: str, setting: str) -> None:
        """Pose the problem and make the data."""
        if hasattr(self, "posed"):
            return
        row = BY_NAME[setting]
        _skip_unless(scores(row, Path(folder)), METRICS[row.dataset])
        os.environ["KINETICBENCH_CACHE"] = str(Path(folder) / "cache")
        self.posed = pose(row)

    def time_fit(self, folder: str, setting: str) -> None:
        self.posed.fit()


class _Accuracy(_Shared):
    """Errors against the truth at the last time, and the largest drifts of the run; all relative or in box units."""

    param_names = ("setting", "metric")

    def setup(self, folder: str, setting: str, metric: str) -> None:
        """Solve, unless another metric of the row did."""
        self.found = scores(BY_NAME[setting], Path(folder))
        _skip_unless(self.found, (metric,))

    def track_error(self, folder: str, setting: str, metric: str) -> float:
        """The larger, the worse."""
        return float(self.found[metric])

    track_error.unit = "error"


def _of(dataset: str) -> tuple[list[str], list[str]]:
    """The settings and the metrics of a dataset."""
    return [row.name for row in ROWS if row.dataset == dataset], list(METRICS[dataset])


class GaussianEnsemble(_Accuracy):
    """Against the exact particles."""

    params = _of("gaussian_ensemble")


class LandauDamping(_Accuracy):
    """Against the dispersion relation and the converged series and density."""

    params = _of("landau_damping")


class BKW(_Accuracy):
    """Against the exact law."""

    params = _of("bkw")
