"""From a solution to the scores that a record holds."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import metrics
from ..contracts import Dataset, KineticbenchError, Problem, Reference, Score, Solution
from ..results.record import BLOCKS, Metrics, MetricValues
from .code import module_hash


def code(names: Iterable[str]) -> str:
    """Hash of the code of these metrics and of all of ours that they import."""
    modules = {metrics.REGISTRY[name].partition(":")[0] for name in names if name in metrics.REGISTRY}
    hashes = [module_hash(f"kineticbench.metrics.{module}") for module in sorted(modules)]
    return hashlib.sha256(repr(hashes).encode()).hexdigest()


def score(dataset: Dataset, problem: Problem, reference: Reference, solution: Solution) -> Metrics:
    """Every metric that the dataset reports, or the reason why there is none."""
    values: dict[str, MetricValues] = {}
    absent: dict[str, str] = {}
    for name in dataset.metrics:
        try:
            metric = metrics.load(name)
            reason = metrics.missing(metric, solution, reference, problem)
            if reason is not None:
                absent[name] = reason
                continue
            values[name] = summary(metric(solution, reference, problem))
        except KineticbenchError as error:
            absent[name] = str(error)
        except Exception as error:
            absent[name] = f"The metric failed with {type(error).__name__}: {error}"
    return Metrics(code=code(dataset.metrics), names=list(dataset.metrics), values=values, missing=absent)


def summary(result: Score) -> MetricValues:
    """Means over cases and over the fixed blocks of cases (case mod 64)."""
    value = np.asarray(result.value, dtype=float)
    blocks = [value[:, block::BLOCKS].mean(axis=1) for block in range(min(BLOCKS, value.shape[1]))]
    shape = (value.shape[0],)
    return MetricValues(
        times=[float(time) for time in result.times],
        mean=nullable(value.mean(axis=1)),
        floor=nullable(np.broadcast_to(result.floor, shape)),
        bar=nullable(np.broadcast_to(result.bar, shape)),
        blocks=[nullable(row) for row in np.stack(blocks, axis=1)],
        extra={name: finite(float(figure)) for name, figure in result.extra.items()},
    )


def finite(number: float) -> float | None:
    """The number, or None where it is not finite."""
    return number if math.isfinite(number) else None


def nullable(numbers: Iterable[Any]) -> list[float | None]:
    """Finite numbers, None in place of the others."""
    return [finite(float(number)) for number in numbers]


def diagnostics(solution: Solution, longest: int = 256) -> dict[str, Any]:
    """Numbers and short lists of real numbers among the diagnostics; large arrays stay with the solution."""
    kept: dict[str, Any] = {}
    for name, value in solution.diagnostics.items():
        array = np.asarray(value)
        if array.dtype.kind not in "fiub" or array.ndim > 1 or array.size > longest:
            continue
        kept[name] = finite(float(array.reshape(-1)[0])) if array.size == 1 else nullable(array)
    return kept
