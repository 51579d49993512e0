"""`kineticbench leaderboard`: the site, its picture, and the tables of Markdown files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)
_Records = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of records.")]


@app.callback()
def leaderboard() -> None:
    """Turn records into the leaderboard: a site, a picture, Markdown."""


@app.command("build")
def build_site(
    records: _Records,
    output: Annotated[Path, typer.Option(help="Where the site shall stand.")] = Path("site"),
    picture: Annotated[Path | None, typer.Option(help="Also write error against cost as an SVG here.")] = None,
    dataset: Annotated[str | None, typer.Option(help="The dataset of the picture, or NAME:PARAMETER=VALUE.")] = None,
    performance: Annotated[Path | None, typer.Option(help="Pages that asv published, to be copied in.")] = None,
) -> None:
    """Write the site: pages that open from the file system and ask nothing of any other host."""
    from ..site import build

    built = build.make(records, output, performance)
    size = f"{built.bytes / 1e6:.1f} MB in {built.files} files"
    typer.echo(f"Wrote {built.page}: {size}, {built.written} of them made anew, in {built.seconds:.1f} s")
    if picture is not None:
        build.picture(records, picture, dataset)
        typer.echo(f"Wrote {picture}")


@app.command()
def readme(
    records: _Records,
    page: Annotated[Path, typer.Option(help="The leaderboard as one Markdown file.")] = Path("leaderboard/README.md"),
    into: Annotated[Path, typer.Option(help="File whose tables between markers are replaced.")] = Path("README.md"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 if a file is not up to date.")] = False,
) -> None:
    """Write leaderboard/README.md, and the tables between the markers of another file."""
    from ..results.store import Store
    from ..site import markdown

    held = Store(records).read().records
    current = {
        page: markdown.write_leaderboard(page, held, check=check),
        into: markdown.update_readme(into, held, check=check),
    }
    for path, up_to_date in current.items():
        typer.echo(f"{path} {'is up to date' if up_to_date else 'is out of date' if check else 'written'}")
    if check and not all(current.values()):
        raise typer.Exit(1)


@app.command()
def show(records: _Records) -> None:
    """Print the leaderboard as tables."""
    from ..results.store import Store
    from ..site import terminal

    terminal.console().print(terminal.table(Store(records).read().records))


@app.command()
def export(
    records: _Records,
    file: Annotated[Path, typer.Argument(help="The table to write: .csv, .parquet or .json.")],
    ranked: Annotated[bool, typer.Option("--ranked", help="A row a setting with its tier, errors and costs.")] = False,
) -> None:
    """Write every score of every record as one table, or every setting with its tier, errors and costs."""
    from ..results import frame
    from ..results.store import Store

    if ranked:
        from ..files import write_atomically
        from ..ranking.boards import boards
        from ..ranking.table import table
        from ..results import reading
        from ..site.staleness import stale

        ending = frame.ending(file)
        held = reading.read(records, reading.default_cache(records)).records
        write_atomically(file, table(boards(held), ending, stale))
    else:
        frame.write(Store(records).read().records, file)
    typer.echo(f"Wrote {file}")
