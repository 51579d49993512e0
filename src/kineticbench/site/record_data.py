"""A record as plain data for its view; foreign text is made plain here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..results.record import Record, Reported
from . import labels, summary, text
from .board_data import Data
from .scripts import number
from .staleness import stale

SAMPLES, CURVE, LOG = 200, 400, 40_000


def record_data(record: Record, about: Mapping[str, str], seeds: Sequence[tuple[int, str]], log: str = "") -> Data:
    """All that the view of a record shows.

    Parameters
    ----------
    record
        The record.
    about
        What its board is called and where it stands.
    seeds
        Seed and name of the records that were merged with it.
    log
        What its run printed.
    """
    settings = record.settings
    made: Data = {
        **about,
        "solver": text.plain(settings.solver.name, 60),
        "setting": text.plain(settings.solver.setting, 300),
        "state": record.state,
        "reason": text.paragraph(record.reason or "", 4000),
        "trust": record.trust,
        "family": record.family or "",
        "stale": stale(record),
        "command": text.plain(record.command or "", 1000),
        "parameters": _pairs(settings.solver.parameters),
        "problem": [*_pairs(settings.dataset.parameters), *_problem(record)],
        "run": [
            settings.seed,
            settings.device,
            settings.threads,
            settings.precision,
            number(record.limits.seconds),
            record.limits.bytes,
        ],
        "machine": summary.machine(record.hardware),
        "system": text.plain(record.hardware.system or text.NONE),
        "commit": text.plain(record.code.commit or text.NONE, 80),
        "dirty": record.code.dirty,
        "code": text.plain(record.code.hash, 64),
        "packages": _pairs(record.packages),
    }
    if len(seeds) > 1:
        made["seeds"] = [list(pair) for pair in seeds]
    if record.fit is not None:
        fit, here = record.fit, record.hardware.id
        elsewhere = None if fit.hardware in (None, here) else text.plain(fit.hardware, 60)
        made["fit"] = [number(fit.data_s), number(fit.fit_s), fit.amortised, elsewhere, fit.restored]
    if record.solve is not None:
        made["solve"] = _solve(record.solve)
    if record.reported is not None:
        made["reported"] = _reported(record.reported)
    if record.metrics is not None:
        made["scores"] = [_scores(name, one) for name, one in list(record.metrics.values.items())[:50]]
        missing = list(record.metrics.missing.items())[:50]
        made["missing"] = [[labels.metric_label(name), text.plain(why, 300)] for name, why in missing]
    curves, single = _diagnostics(record)
    if curves:
        made["curves"] = curves
    if single:
        made["diagnostics"] = single
    if log:
        made["log"] = text.paragraph(log, LOG)
    return made


def _problem(record: Record) -> list[list[str]]:
    asked = record.settings.dataset
    return [
        ["split", text.plain(asked.split, 60)],
        ["cases", "all" if asked.cases is None else text.count(asked.cases)],
        ["seed of the dataset", str(asked.seed)],
    ]


def _reported(told: Reported) -> list[list[str]]:
    """What the author of a trajectory says of it, and on what machine it was scored."""
    return _pairs(
        {
            "author": told.author,
            "version": told.version,
            "licence": told.licence,
            "citation": told.citation,
            "hardware": told.hardware,
            "file": told.file,
            "SHA-256": told.sha256,
            "scored on": told.scored_on,
        }
    )


def _solve(solve: Any) -> Data:
    return {
        "cases": solve.cases,
        "cold": number(solve.cold_s),
        "fresh": solve.fresh,
        "warm": [number(second) for second in solve.warm_s[:SAMPLES]],
        "home": [number(second) for second in solve.home_s[:SAMPLES]],
        "kernel": [number(second) for second in solve.kernel_s[:SAMPLES]],
        "calls": len(solve.warm_s),
        "peak": solve.peak_bytes,
        "before": solve.baseline_bytes,
        "device_peak": solve.device_peak_bytes,
        "energy": number(solve.energy_j),
        "noisy": solve.noisy,
    }


def _scores(name: str, scores: Any) -> list[Any]:
    """Label, times, means, floors, bars; then figures beside them."""
    rows = [[number(value) for value in column] for column in (scores.times, scores.mean, scores.floor, scores.bar)]
    beside = [[text.plain(key, 60), number(value)] for key, value in list(scores.extra.items())[:20]]
    return [labels.metric_label(name), *rows, beside]


def _diagnostics(record: Record) -> tuple[list[Any], list[Any]]:
    """Curves, thinned, with the distance of their points; and single figures."""
    curves, single = [], []
    for key, value in list(record.diagnostics.items())[:100]:
        name = text.plain(key, 80)
        if isinstance(value, list) and len(value) > 1:
            step = max(1, len(value) // CURVE)
            curves.append([name, step, [number(point) for point in value[::step]]])
        else:
            one = (value[0] if value else None) if isinstance(value, list) else value
            single.append([name, number(one)])
    return curves[:12], single


def _pairs(values: Mapping[str, Any]) -> list[list[str]]:
    shown = [(key, text.NONE if value is None else text.plain(value, 400)) for key, value in list(values.items())[:200]]
    return [[text.plain(key, 80), value] for key, value in shown]
