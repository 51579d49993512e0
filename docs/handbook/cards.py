"""One card for each solver, dataset and metric, from what `kineticbench show` and `kineticbench cite` print."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from kineticbench import catalog, metrics
from kineticbench.catalog import PlugIn
from kineticbench.cli.cite import citations
from kineticbench.contracts import Metric
from kineticbench.ranking.boards import Board
from kineticbench.results.record import Record
from kineticbench.site.labels import metric_label

from . import good_values
from .told import Told, told
from .writing import blocks, code_cell, listing, page, table, text

EQUATIONS = {"vlasov_poisson": "vlasov-poisson", "homogeneous_landau": "landau"}  # anchors of the page on equations
KINDS = ("solvers", "datasets", "metrics")
PROPERTIES = ("Property", "Value")
_TITLES = {"solvers": "Solvers", "datasets": "Datasets", "metrics": "Metrics"}
_SAID = {
    "solvers": "Methods that are ranked, classical and learned. Each card tells the equation that a method solves in "
    "its own way, its parameters, what to expect of it, and how it did in the official records.",
    "datasets": "Problems with a truth. Each card tells the start, its parameters, what is known of the solution, and "
    "which methods solved it best.",
    "metrics": "Ways of measuring an error. Each card tells the discrete formula, what it needs, which problems it "
    "ranks, and the smallest values on record, beside what a perfect solver would score.",
}


@dataclass(frozen=True)
class Evidence:
    """What cards quote: all records, and the boards that they make up."""

    records: Sequence[Record]
    boards: Sequence[Board]


def cards(evidence: Evidence) -> dict[str, str]:
    """Every card and the three lists of them, by the path of the page."""
    made: dict[str, str] = {}
    for kind in ("solvers", "datasets"):
        known = catalog.plug_ins(kind)
        made |= {f"{kind}/{name}.md": plug_in_card(one, evidence) for name, one in known.items()}
        made[f"{kind}/index.md"] = listed(kind, {name: one.summary for name, one in known.items()})
    names = metrics.names()
    made |= {f"metrics/{name}.md": metric_card(name, metrics.load(name), evidence) for name in names}
    made["metrics/index.md"] = listed("metrics", {name: metric_label(name) for name in names})
    return made


def listed(kind: str, summaries: Mapping[str, str]) -> str:
    """The page that leads to the cards of a kind."""
    rows = [[f"[{text(name)}]({name}.md)", text(summary)] for name, summary in summaries.items()]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *summaries, "```"])
    return page(f"# {_TITLES[kind]}", _SAID[kind], table(["Name", "What it is"], rows), tree)


def plug_in_card(plug_in: PlugIn, evidence: Evidence) -> str:
    """The card of a solver or a dataset."""
    known = told(plug_in.doc)
    solver = plug_in.kind == "solvers"
    if solver:
        official = good_values.of_solver(plug_in.name, evidence.boards)
    else:
        official = good_values.of_dataset(plug_in.name, evidence.records)
    return page(
        f"# {text(plug_in.name)}",
        text(known.summary),
        _facts(plug_in),
        "## Equation",
        *blocks(known.equations),
        "## What to expect",
        *blocks(known.prose),
        "## Parameters",
        _parameters(plug_in.parameters, known),
        "## Good values" if solver else "## Official results",
        f"Rule of thumb: {text(known.good)}" if known.good else "",
        "From the official records:" if solver and official != good_values.NOTHING else "",
        official,
        *_source(plug_in.name, plug_in.kind, f"{plug_in.kind}/{plug_in.path.name}", plug_in.class_name),
    )


def metric_card(name: str, metric: Metric, evidence: Evidence) -> str:
    """The card of a metric."""
    kind = type(metric)
    known = told(inspect.getdoc(kind) or "")
    datasets = {key: one.metadata.get("metrics") or () for key, one in catalog.plug_ins("datasets").items()}
    takes = [key for key, wanted in datasets.items() if name in wanted]
    ranks = [key for key in takes if name == next(iter(datasets[key]))]
    module = sys.modules[kind.__module__]
    of_all = (inspect.getdoc(module) or "").partition("\n")[2].strip()
    return page(
        f"# {text(name)}",
        text(metric.label) + ".",
        table(
            PROPERTIES,
            [
                ["Needs", ", ".join(code_cell(path) for path in metric.requires)],
                ["Ranks", _datasets(ranks)],
                ["Reported for", _datasets(takes)],
            ],
        ),
        "## Definition",
        text(known.summary),
        *blocks(known.equations),
        *blocks(known.prose),
        *(["## What all metrics of its kind share", *blocks(told(f"All.\n\n{of_all}").prose)] if of_all else []),
        "## Parameters",
        _parameters(_fields(metric), known),
        "## Good values",
        good_values.of_metric(name, evidence.boards),
        *_source(name, "metrics", _path(module), kind.__name__),
    )


def _facts(plug_in: PlugIn) -> str:
    said = plug_in.metadata
    asked = said.get("solves") or said.get("equation") or ()
    names = (asked,) if isinstance(asked, str) else asked
    rows = [["Equation", ", ".join(f"[{text(one)}](#{EQUATIONS[one]})" for one in names if one in EQUATIONS)]]
    if plug_in.kind == "solvers":
        rows.append(["Family", text(str(said.get("family", "classical")))])
        once = "once for all cases of a dataset" if said.get("amortised") else "for every problem anew"
        rows += [["Fitted", once]] if said.get("family") == "learned" else []
        free = said.get("query_fields") or ()
        rows += [["Share one fit", "settings that differ only in " + ", ".join(map(code_cell, free))]] if free else []
    else:
        wanted = said.get("metrics") or ()
        linked = [f"[{text(one)}](../metrics/{one}.md)" for one in wanted]
        rows += [["Ranked by", linked[0]], ["Also reported", ", ".join(linked[1:])]] if wanted else []
    return table(PROPERTIES, rows)


def _parameters(parameters: Mapping[str, tuple[str, str | None]], known: Told) -> str:
    if not parameters:
        return "None."
    rows = []
    for name, (annotation, default) in parameters.items():
        value = "must be given" if default is None else code_cell(default)
        rows.append([code_cell(name), code_cell(annotation), value, text(known.meanings.get(name, ""))])
    return table(["Name", "Type", "Default", "Meaning"], rows)


def _fields(metric: Metric) -> dict[str, tuple[str, str | None]]:
    if not is_dataclass(metric):
        return {}
    values: dict[str, Any] = {field.name: getattr(metric, field.name) for field in fields(metric)}
    return {field.name: (str(field.type), repr(values[field.name])) for field in fields(metric)}


def _datasets(names: Sequence[str]) -> str:
    return ", ".join(f"[{text(name)}](../datasets/{name}.md)" for name in names) or "nothing"


def _path(module: Any) -> str:
    return f"src/{module.__name__.replace('.', '/')}.py"


def _source(name: str, kind: str, path: str, class_name: str) -> list[str]:
    entries = citations([name])
    made = ["## Source", f"`{class_name}` in `{path}`. In a terminal: `kineticbench show {name}`."]
    if not entries:
        return [*made, f"It has no paper of its own, so `kineticbench cite {name}` prints nothing."]
    return [*made, f"To cite, as `kineticbench cite {name}` prints it:", *(listing(one, "bibtex") for one in entries)]
