"""`kineticbench new`: a working file to begin from."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import Annotated

import typer

from ..contracts.errors import InvalidInput

app = typer.Typer(help="Write a working file to begin from.", no_args_is_help=True)
NAME = re.compile(r"[a-z][a-z0-9_]*")


@app.callback()
def new() -> None:
    """Write a working file to begin from."""


@app.command()
def solver(
    name: Annotated[str, typer.Argument(help="Its name, in small letters: my_method.")],
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path(),
) -> None:
    """Write NAME.py with a solver that runs, to be changed into your own.

    It moves particles in straight lines; `kineticbench check NAME.py` says what the contract asks, and
    `kineticbench run smoke --solver NAME.py` scores it.
    """
    from .. import catalog
    from ..catalog import PACKAGE
    from ..files import write_atomically

    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise InvalidInput(f"{name!r} cannot be the name of a solver.", "Take small letters, digits and _: my_method.")
    if name in catalog.plug_ins("solvers"):
        raise InvalidInput(f"There is a solver {name} already.", "Choose another name.")
    path = folder / f"{name}.py"
    if path.exists():
        raise InvalidInput(f"{path} exists.", "Choose another name or --folder.")
    text = (PACKAGE / "conformance" / "my_method.py.txt").read_text(encoding="utf-8")
    title = "".join(part.capitalize() for part in name.split("_"))
    write_atomically(path, text.replace("MyMethod", title).replace("my_method", name).encode())
    typer.echo(f"{path} written. Next: kineticbench check {path}")
