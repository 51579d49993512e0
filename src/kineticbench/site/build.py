"""Builds the site: all pages into a fresh folder, which then takes the place of the old one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from ..catalog import PACKAGE
from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..ranking.boards import Board, boards
from ..ranking.entries import Entry, Variant
from ..results.record import Record
from ..results.store import Contents, Store
from . import figures, labels, overview, profiles, prose, text
from .chart.canvas import WIDE
from .chart.draw import draw
from .record_view import record_view
from .views import board_view, chart, mark_of, page_name, record_name, style_of

STAMP = ".kineticbench-site"
_ASSETS = ("site.css", "site.js", "icon.svg")


def build(records: Path, output: Path) -> Path:
    """Turn a results folder into a site that opens from the file system; the path of its first page.

    Parameters
    ----------
    records
        The results folder.
    output
        Where the site shall stand. What stands there is replaced, if it is an older site or empty.

    Raises
    ------
    InvalidInput
        Where there is no such folder, or `output` holds something else, lies above the records or cannot be written.
    """
    records, output = Path(records), Path(output)
    store = Store(records)
    contents = store.read()
    _require_replaceable(output, records)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name[:40]}."))
        try:
            fresh = scratch / "new"
            fresh.mkdir(mode=0o755)
            _write_site(fresh, store, contents)
            if output.exists():
                output.rename(scratch / "old")
            fresh.rename(output)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise InvalidInput(f"Cannot write {output}: {error.strerror or error}.", "Choose another --output.") from error
    return output / "index.html"


def picture(records: Path, path: Path, dataset: str | None = None) -> None:
    """Write the error against cost of one board as an SVG that stands alone.

    Parameters
    ----------
    records
        The results folder.
    path
        The file.
    dataset
        Name of the dataset, or "name:parameter=value" for one of its variants; by default that of the board with the
        most ranked settings.

    Raises
    ------
    InvalidInput
        Where no board has an error and a cost.
    """
    made = [board for board in boards(Store(records).read().records) if _is_chosen(board.variant, dataset)]
    made.sort(key=lambda board: -len(board.ranked))
    for board in made:
        if board.metrics:
            plain = figures.Style(style_of(made).numbers)
            price = figures.prices(board)[0]
            figure = figures.error_against_cost(board, board.metrics[0], price, plain, "picture")
            if figure is not None:
                css = (PACKAGE / "static" / "chart.css").read_text(encoding="utf-8").replace("\n", "")
                write_atomically(Path(path), draw(figure, WIDE, style=css).encode())
                return
    raise InvalidInput("There is nothing to draw: no record has an error and a cost.", "Run a suite first.")


def _is_chosen(variant: Variant, dataset: str | None) -> bool:
    name, _, choice = (dataset or variant.name).partition(":")
    key, _, value = choice.partition("=")
    return variant.name == name and (not choice or str(variant.values.get(key)) == value)


def _require_replaceable(output: Path, records: Path) -> None:
    inside = records.resolve()
    if output.resolve() in (inside, *inside.parents):
        raise InvalidInput(f"{output} holds the records and cannot be replaced by a site.", "Choose another --output.")
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise InvalidInput(f"{output} is not a folder.", "Choose another --output.")
    if output.is_dir() and any(output.iterdir()) and not (output / STAMP).is_file():
        raise InvalidInput(f"{output} holds files that are not a site of ours.", "Choose an empty or new folder.")


def _write_site(folder: Path, store: Store, contents: Contents) -> None:
    made = boards(contents.records)
    environment = _environment(contents)
    (folder / "static").mkdir()
    (folder / "records").mkdir()
    (folder / STAMP).write_bytes(b"")
    for asset in _ASSETS:
        (folder / "static" / asset).write_bytes((PACKAGE / "static" / asset).read_bytes())

    style = style_of(made)
    shown = environment.get_template("index.html").render(
        root="",
        facts=overview.facts(made, len(contents.records)),
        groups=overview.groups(made, style),
        solvers=overview.solver_lines(made, style),
        profile=chart(across, canvas=WIDE) if (across := profiles.profile(made, style)) else None,
        skipped=[(text.plain(name), text.plain(why, 300)) for name, why in sorted(contents.skipped.items())[:100]],
    )
    (folder / "index.html").write_text(shown, encoding="utf-8")

    pages: dict[Variant, list[Board]] = {}
    for board in made:
        pages.setdefault(board.variant, []).append(board)
    template = environment.get_template("dataset.html")
    for variant, group in pages.items():
        page = template.render(root="", **_dataset_page(variant, group, style))
        (folder / page_name(variant)).write_text(page, encoding="utf-8")

    template = environment.get_template("record.html")
    for board in made:
        about = {
            "dataset": labels.dataset_title(board.variant),
            "detail": labels.variant_detail(board.variant),
            "page": page_name(board.variant),
        }
        for standing in board.standings:
            _write_records(folder / "records", standing.entry, store, template, about, style)


def _write_records(
    folder: Path,
    entry: Entry,
    store: Store,
    template: jinja2.Template,
    about: Mapping[str, str],
    style: figures.Style,
) -> None:
    for record in entry.records:
        assert isinstance(record, Record)
        name = record_name(record)
        seeds = [(f"{record_name(one)}.html", one.settings.seed, one is record) for one in entry.records]
        view = record_view(record, name, style, _log(store, record.cell, record.run))
        page = template.render(root="../", record=view, seeds=seeds, **about)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        (folder / f"{name}.json").write_text(record.json_text(), encoding="utf-8")


def _dataset_page(variant: Variant, group: Sequence[Board], style: figures.Style) -> dict[str, Any]:
    known = labels.plug_ins("datasets").get(variant.name)
    return {
        "title": labels.dataset_title(variant),
        "summary": text.plain(known.summary, 300) if known else "",
        "detail": labels.variant_detail(variant),
        "doc": prose.blocks(known.doc) if known else [],
        "cite": text.paragraph(known.metadata.get("cite", "") or "") if known else "",
        "boards": [board_view(board, style, place) for place, board in enumerate(group)],
        "marks": [
            [(mark_of(style.numbers.get(solver, 0)), text.plain(solver, 60)) for solver in board.solvers]
            for board in group
        ],
    }


def _log(store: Store, cell: str, run: str) -> str:
    path = store.log_path(cell, run)
    try:
        with path.open("rb") as file:
            return file.read(40_000).decode("utf-8", "replace")
    except OSError:
        return ""


def _environment(contents: Contents) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    newest = max((record.run[:8] for record in contents.records), default="")
    number = len(contents.records)
    environment.filters["inline"] = prose.inline
    environment.globals |= {
        "version": version("kineticbench"),
        "counted": "1 record" if number == 1 else f"{text.count(number)} records",
        "newest": f"{newest[:4]}-{newest[4:6]}-{newest[6:]}" if newest else "",
    }
    return environment
