"""What the template of a dataset's page is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..ranking.intervals import Interval
from . import labels, prose, text
from .board_data import Data
from .marks import mark_of


@dataclass(frozen=True)
class Best:
    """A solver's most accurate setting, as text."""

    solver: str
    page: str
    mark: Markup
    setting: str
    record: str
    tier: int | None
    state: str
    flags: Sequence[str]
    error: str
    total: str
    fit: str
    warm: str


def dataset_page(group: Sequence[Data], style: Mapping[str, int]) -> dict[str, Any]:
    """The boards of one variant of a dataset, and what is known of it."""
    first = group[0]
    known = labels.plug_ins("datasets").get(first["dataset"])
    return {
        "title": first["title"],
        "summary": text.plain(known.summary, 300) if known else "",
        "detail": first["detail"],
        "equation": first["equation"],
        "doc_blocks": prose.blocks(known.doc) if known else [],
        "cite_text": text.paragraph(known.metadata.get("cite", "") or "") if known else "",
        "boards": [(board, best_settings(board, style)) for board in group],
    }


def best_settings(board: Data, style: Mapping[str, int]) -> list[Best]:
    """Each solver's most accurate setting, or its first failure; the best first."""
    made: dict[str, Best] = {}
    columns = board["columns"]
    for row, place in enumerate(columns["solver"]):
        name = board["solvers"][place]
        if name in made:
            continue
        error = columns["error"][row]
        between = None if error is None else Interval(error, columns["low"][row], columns["high"][row])
        made[name] = Best(
            name,
            board["pages"][place],
            mark_of(style.get(name, 0)),
            columns["setting"][row],
            columns["record"][row],
            columns["tier"][row],
            columns["state"][row],
            [word for word in ("stale", "noisy") if columns[word][row]],
            text.error(between),
            text.seconds(columns["all"][row]),
            text.seconds(columns["fit"][row]) + ("*" if columns["elsewhere"][row] else ""),
            text.seconds(columns["warm"][row]),
        )
    return list(made.values())
