"""Builds the site: pages, data and tables in a fresh folder, which then takes the place of the old one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from .. import __version__
from ..catalog import PACKAGE
from ..contracts.errors import InvalidInput
from ..garbage import uncollected
from ..ranking.boards import boards
from ..results import reading
from ..results.store import Store
from . import guide, overview, profiles, prose, text
from .board_data import Data
from .boards_part import key_of_all, write_board, write_table
from .chart.canvas import NARROW, WIDE
from .chart.draw import draw
from .combined import combined, site_index
from .dataset_page import dataset_page
from .marks import styles
from .output import Output, require_replaceable
from .performance import PERFORMANCE, add_performance
from .picture import picture
from .records_part import Records
from .scripts import script
from .solver_page import citations, solver_view

__all__ = ["Built", "build", "make", "picture"]


@dataclass(frozen=True)
class Built:
    """A site that was built: its first page, its size and files, how many of them were made anew, and the seconds."""

    page: Path
    bytes: int
    files: int
    written: int
    seconds: float


def build(records: Path, output: Path) -> Path:
    """Turn a results folder into a site that opens from the file system; the path of its first page.

    Parameters and errors are those of `make`.
    """
    return make(records, output).page


def make(records: Path, output: Path, performance: Path | None = None) -> Built:
    """Turn a results folder into a site that opens from the file system.

    Parameters
    ----------
    records
        The results folder.
    output
        Where the site shall stand. What stands there is replaced, if it is an older site or empty; what has not
        changed is taken over from it.
    performance
        A folder of pages that asv wrote, to be copied in; where it is None, the old site's copy is kept.

    Raises
    ------
    InvalidInput
        Where there is no such folder, or `output` holds something else, lies above the records or cannot be written.
    """
    begun = time.monotonic()
    records, output = Path(records), Path(output)
    store = Store(records)
    contents = reading.read(records, reading.default_cache(records))
    require_replaceable(output, records)
    if performance is not None and not (Path(performance) / "index.html").is_file():
        raise InvalidInput(f"{performance} holds no index.html.", "Give the folder that asv publish wrote.")
    with Output(output) as site, uncollected():
        history = add_performance(site, performance)
        _write_site(site, store, contents, history)
    return Built(output / "index.html", site.bytes, site.files, site.written, time.monotonic() - begun)


def _write_site(site: Output, store: Store, contents: reading.Contents, history: bool) -> None:
    ranked = boards(contents.records)
    part = Records(site, store, contents, ranked)
    with part.helped():
        written = [write_board(site, board) for board in ranked]
        part.write()
    made, key = [data for data, _ in written], key_of_all(key for _, key in written)
    style = styles(name for board in made for name in board["solvers"])
    guides = guide.guides()
    environment = _environment(contents, guides, history)
    for path in sorted((PACKAGE / "static").iterdir()):
        if path.suffix in (".css", ".js", ".svg"):
            site.put(f"static/{path.name}", path.read_bytes())
    site.put("data/site.js", script("site", site_index(made, style, part.drawn)))
    site.keyed("data/results.js", key, lambda: script("results", combined(made)))
    write_table(site, "results", made, key)
    site.put("data/citations.bib", citations(made).encode("utf-8", "replace"))

    def page(name: str, template: str, **values: object) -> None:
        site.put(name, environment.get_template(template).render(**values).encode("utf-8", "replace"))

    across = profiles.profile(made, style)
    page(
        "index.html",
        "index.html",
        facts=overview.facts(made, len(contents.records)),
        groups=overview.groups(made, style),
        solvers=overview.solver_lines(made, style),
        profile=None if across is None else [draw(across, WIDE, size="wide"), draw(across, NARROW, size="narrow")],
        skipped=[(text.plain(name), text.plain(why, 300)) for name, why in sorted(contents.skipped.items())[:100]],
    )
    page("results.html", "results.html", boards=made)
    page("record.html", "record.html")
    groups: dict[str, list[Data]] = {}
    for board in made:
        groups.setdefault(board["page"], []).append(board)
    for name, group in groups.items():
        page(name, "dataset.html", **dataset_page(group, style))
    for line in overview.solver_lines(made, style):
        view = solver_view(line, made, style)
        name = f"solvers/{view.identifier}"
        own = key_of_all(key for data, key in written if line.name in data["solvers"])
        site.keyed(f"data/{name}.js", own, lambda name=name, line=line: script(name, combined(made, line.name)))
        write_table(site, f"solver-{view.identifier}", made, own, line.name)
        page(line.page, "solver.html", view=view)
    for one in guides:
        page(one.page, "guide.html", guide=one)


def _environment(contents: reading.Contents, guides: Sequence[guide.Guide], history: bool) -> jinja2.Environment:
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
    environment.filters["seconds"] = text.seconds
    environment.filters["number"] = text.number
    environment.globals |= {
        "version": __version__,
        "counted": "1 record" if number == 1 else f"{text.count(number)} records",
        "newest": f"{newest[:4]}-{newest[4:6]}-{newest[6:]}" if newest else "",
        "guides": guides,
        "performance": f"{PERFORMANCE}/index.html" if history else "",
    }
    return environment
