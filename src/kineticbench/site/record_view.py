"""What the template of a record's page is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..results.record import Record
from . import figures, labels, summary, text
from .chart.figure import Axis, Figure, Point, Series
from .chart.scale import Linear, Log
from .staleness import stale
from .views import Chart, chart

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class RecordView:
    """All that a page shows of a record."""

    name: str
    solver: str
    setting: str
    state: str
    reason: str
    command: str
    facts: list[tuple[str, Pairs]]
    times: list[tuple[str, list[str]]]
    scores: list[tuple[str, list[tuple[str, str, str, str]]]]
    missing: Pairs
    diagnostics: Pairs
    curves: list[Chart]
    log: str


def record_view(record: Record, name: str, style: figures.Style, log: str = "") -> RecordView:
    """The view of a record; `log` is what its run printed."""
    settings, solve = record.settings, record.solve
    scores = record.metrics.values if record.metrics else {}
    curves = {key: value for key, value in record.diagnostics.items() if isinstance(value, list) and len(value) > 1}
    single = [(text.plain(k, 80), _value(v)) for k, v in record.diagnostics.items() if k not in curves]
    return RecordView(
        name=name,
        solver=text.plain(settings.solver.name, 60),
        setting=text.plain(settings.solver.setting, 120),
        state=record.state,
        reason=text.paragraph(record.reason or "", 4000),
        command=text.plain(record.command or "", 1000),
        facts=_facts(record),
        times=[
            (title, [text.seconds(second) for second in samples[:200]])
            for title, samples in (
                ("Warm calls", solve.warm_s if solve else []),
                ("Copies to the host", solve.home_s if solve else []),
                ("Reference kernel", solve.kernel_s if solve else []),
            )
            if samples
        ],
        scores=[
            (
                labels.metric_label(metric),
                [
                    (f"{time:g}", text.number(mean), text.number(floor), text.number(bar))
                    for time, mean, floor, bar in zip(one.times, one.mean, one.floor, one.bar, strict=False)
                ],
            )
            for metric, one in list(scores.items())[:50]
        ],
        missing=[
            (labels.metric_label(metric), text.plain(why, 300))
            for metric, why in (list(record.metrics.missing.items())[:50] if record.metrics else [])
        ],
        diagnostics=single[:100],
        curves=[
            _curve(place, key, value, style.numbers.get(settings.solver.name, 0), record.family == "learned")
            for place, (key, value) in enumerate(list(curves.items())[:6])
        ],
        log=text.paragraph(log, 40_000),
    )


def _facts(record: Record) -> list[tuple[str, Pairs]]:
    settings, fit, solve = record.settings, record.fit, record.solve
    asked = settings.dataset
    outdated = {True: "changed since: stale", False: "the same", None: "unknown here"}
    facts: list[tuple[str, Pairs]] = [
        ("Solver", [("Name", text.plain(settings.solver.name)), *_pairs(settings.solver.parameters)]),
        (
            "Dataset",
            [
                ("Name", text.plain(asked.name)),
                *_pairs(asked.parameters),
                ("Split", text.plain(asked.split)),
                ("Cases", "all" if asked.cases is None else text.count(asked.cases)),
                ("Seed of the dataset", str(asked.seed)),
            ],
        ),
        (
            "Run",
            [
                ("Seed", str(settings.seed)),
                ("Device", settings.device),
                ("Threads", str(settings.threads)),
                ("Precision", settings.precision),
                ("Limits", f"{text.seconds(record.limits.seconds)}, {text.memory(record.limits.bytes)}"),
                (
                    "Begun",
                    f"{record.run[:4]}-{record.run[4:6]}-{record.run[6:8]} {record.run[9:11]}:{record.run[11:13]} UTC",
                ),
                ("Trust", record.trust),
            ],
        ),
    ]
    if fit is not None or solve is not None:
        cost: Pairs = []
        if fit is not None:
            place = "" if fit.hardware in (None, record.hardware.id) else f" on {text.plain(fit.hardware, 60)}"
            cost += [("Training data", text.seconds(fit.data_s) + place), ("Fit", text.seconds(fit.fit_s) + place)]
            cost += [("One fit serves", "every case" if fit.amortised else "this batch")]
        if solve is not None:
            cost += [
                ("Cold call", text.seconds(solve.cold_s) + (" in a new process" if solve.fresh else "")),
                ("Cases a call", text.NONE if solve.cases is None else text.count(solve.cases)),
                ("Peak memory", text.memory(solve.peak_bytes)),
                ("Memory before", text.memory(solve.baseline_bytes)),
                ("Peak memory of the GPU", text.memory(solve.device_peak_bytes)),
                ("Energy", text.NONE if solve.energy_j is None else f"{text.number(solve.energy_j)} J"),
                ("Noisy", "yes: do not trust these times" if solve.noisy else "no"),
            ]
        facts.append(("Cost", cost))
    facts += [
        (
            "Hardware",
            [("Machine", summary.machine(record.hardware)), ("System", text.plain(record.hardware.system or "–"))],
        ),
        (
            "Code",
            [
                ("Commit", text.plain(record.code.commit or "–", 80) + (" with changes" if record.code.dirty else "")),
                ("Hash", text.plain(record.code.hash[:16], 16)),
                ("Against today's code", outdated[stale(record)]),
                *_pairs(record.packages),
            ],
        ),
    ]
    return facts


def _pairs(values: dict[str, Any]) -> Pairs:
    shown = [(key, text.NONE if value is None else text.plain(value, 400)) for key, value in values.items()]
    return [(text.plain(key, 80), value) for key, value in shown[:200]]


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(text.number(one) for one in value[:20])
    return text.number(value)


def _curve(place: int, name: str, values: Iterable[float | None], style: int, learned: bool) -> Chart:
    known = [(float(i), value) for i, value in enumerate(values) if value is not None]
    positive = all(value > 0 for _, value in known)
    shown = text.plain(name, 60)
    step = max(1, len(known) // 400)
    points = [Point(x, y, f"{shown}, {x:g}: {text.number(y)}") for x, y in known[::step]]
    scale = Log.of(y for _, y in known) if positive else Linear.of((y for _, y in known), 0.05)
    figure = Figure(
        f"curve-{place}",
        shown,
        Axis("Entry", Linear.of(x for x, _ in known)),
        Axis(shown, scale),
        [Series("", style, learned, points)],
        kind="line",
    )
    return chart(figure)
