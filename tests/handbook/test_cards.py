"""Cards say what their plug-in says of itself, all of it, and what records say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from handbook import cards, good_values, writing
from handbook.told import told

from kineticbench import catalog, metrics
from kineticbench.cli.cite import citations
from kineticbench.ranking.boards import boards
from kineticbench.results.store import Store

ROOT = Path(__file__).parents[2]
NOTHING = cards.Evidence((), ())


@pytest.fixture(scope="module")
def official() -> cards.Evidence:
    records = Store(ROOT / "leaderboard" / "records").read().records
    return cards.Evidence(records, boards(records))


@pytest.fixture(scope="module")
def made(official: cards.Evidence) -> dict[str, str]:
    return cards.cards(official)


def plug_ins() -> list[Any]:
    return [one for kind in ("solvers", "datasets") for one in catalog.plug_ins(kind).values()]  # type: ignore[arg-type]


@pytest.mark.parametrize("plug_in", plug_ins(), ids=lambda one: one.name)
def test_a_card_holds_all_that_show_and_cite_print(plug_in, made):
    card = made[f"{plug_in.kind}/{plug_in.name}.md"]
    known = told(plug_in.doc)
    assert known.equations
    assert all(block.text in card for block in known.equations)
    for name, (annotation, default) in plug_in.parameters.items():
        row = next(line for line in card.splitlines() if line.startswith(f"| `{name}` |"))
        assert writing.code_cell(annotation) in row
        assert default is None or writing.code_cell(default) in row
        assert known.meanings[name], name
        assert writing.text(known.meanings[name]) in row
    for entry in citations([plug_in.name]):
        assert entry in card
    for block in known.prose:
        assert writing.blocks([block])[0] in card


def test_good_values_come_from_records(made, official):
    board = next(board for board in official.boards if board.variant.name == "bkw" and "blob" in board.solvers)
    best = next(standing for standing in board.ranked if standing.entry.solver == "blob")
    assert writing.text(best.entry.setting.split(",")[0]) in made["solvers/blob.md"]
    assert made["datasets/bkw.md"].count("### BKW") == sum(board.variant.name == "bkw" for board in official.boards)
    assert good_values.of_solver("blob", ()) == good_values.NOTHING
    assert good_values.NOTHING in cards.plug_in_card(catalog.find("datasets", "bkw"), NOTHING)


@pytest.mark.parametrize("name", metrics.names())
def test_a_metrics_card_says_what_it_needs_and_where_it_ranks(name, made):
    card, metric = made[f"metrics/{name}.md"], metrics.load(name)
    assert all(writing.code_cell(path) in card for path in metric.requires)
    takes = [key for key, one in catalog.plug_ins("datasets").items() if name in one.metadata["metrics"]]
    assert all(f"(../datasets/{key}.md)" in card for key in takes)
    assert citations([name]), "every metric has a source"
    assert all(entry in card for entry in citations([name]))


def test_lists_lead_to_every_card(made):
    for kind in cards.KINDS:
        listed = made[f"{kind}/index.md"]
        names = [Path(path).stem for path in made if path.startswith(f"{kind}/") and not path.endswith("index.md")]
        assert names
        assert all(f"({name}.md)" in listed and f"\n{name}\n" in listed for name in names)


def test_text_of_docstrings_is_not_read_as_markdown():
    assert writing.text("|z|^γ *a* `b_c*` <d> $e$") == r"\|z\|^γ \*a\* `b_c*` &lt;d&gt; \$e\$"
    assert writing.paragraph("*Landau.* f* and `x`") == r"*Landau.* f\* and `x`"
    assert writing.code_cell("int | None") == r"`int \| None`"
    assert writing.listing("a\n```\nb") == "````none\na\n```\nb\n````"
    assert writing.equation("a\n```\n<b>") == "````{code-block} none\n:class: equation\n\na\n```\n<b>\n````"


def test_a_docstring_is_taken_apart():
    known = told(
        "First.\n\n    a = b\n\nProse. Good values: many.\n\nParameters\n----------\nx, y\n    Both.\nz\n    Last.\n"
    )
    assert known.summary == "First."
    assert [block.text for block in known.equations] == ["a = b"]
    assert [block.text for block in known.prose] == ["Prose."]
    assert known.good == "many."
    assert known.meanings == {"x": "Both.", "y": "Both.", "z": "Last."}
