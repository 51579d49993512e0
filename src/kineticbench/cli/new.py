"""`kineticbench new`: a working file to begin from."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..contracts.errors import InvalidInput, UnknownName

app = typer.Typer(help="Write a working file to begin from.", no_args_is_help=True)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SOLVERS = {"vlasov-poisson": "template_vlasov_poisson.py.txt", "landau": "template_landau.py.txt"}


@app.callback()
def new() -> None:
    """Write a working file to begin from."""


@app.command()
def solver(
    name: Annotated[str, typer.Argument(help="Its name, in small letters: my_method.")],
    equation: Annotated[str, typer.Option(help="What it solves: vlasov-poisson or landau.")] = "vlasov-poisson",
    output: Annotated[Path, typer.Option(help="Folder to write it to, or the path of the file.")] = Path(),
) -> None:
    """Write NAME.py, a solver that works, to be changed into your own.

    `kineticbench check NAME.py` says whether it keeps what every solver promises, and `kineticbench run smoke --solver
    NAME.py` scores it.
    """
    if equation not in SOLVERS:
        raise UnknownName.among("equation", equation, SOLVERS)
    write(name, SOLVERS[equation], output)


@app.command()
def dataset(
    name: Annotated[str, typer.Argument(help="Its name, in small letters: my_problem.")],
    output: Annotated[Path, typer.Option(help="Folder to write it to, or the path of the file.")] = Path(),
) -> None:
    """Write NAME.py, a dataset that works, to be changed into your own.

    `kineticbench check NAME.py` says whether it keeps what every dataset promises.
    """
    write(name, "template_dataset.py.txt", output)


def write(name: str, template: str, output: Path) -> None:
    """Write a template under a name that is free, to a file that is not there yet."""
    from ..catalog import PACKAGE
    from ..files import write_atomically

    require_name(name)
    path = output if output.suffix == ".py" else output / f"{name}.py"
    if path.stem != name:
        raise InvalidInput(f"A plug-in is called as its file, {path.stem} and not {name}.", "Leave out --output.")
    if path.exists() or path.is_symlink():
        raise InvalidInput(f"{path} is there already.", "Choose another name or --output.")
    require_free(name)
    text = (PACKAGE / "conformance" / template).read_text(encoding="utf-8")
    write_atomically(path, text.replace("MyMethod", class_name(name, text)).encode())
    typer.echo(f"{path} written. Next: kineticbench check {path}")


def class_name(name: str, text: str) -> str:
    """The class of that name: my_method is MyMethod, and solver, as the file uses Solver, is SolverMethod.

    So are words that Python has, False and Exception say.
    """
    words = "".join(part.capitalize() for part in name.split("_"))
    taken = keyword.iskeyword(words) or words in vars(builtins) or re.search(rf"\b{words}\b", text)
    return f"{words}Method" if taken and words != "MyMethod" else words


def require_name(name: str) -> None:
    """Raise `InvalidInput` unless a plug-in, and so a module, can be called so."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise InvalidInput(
            f"{name!r} cannot be the name of a plug-in.",
            "Begin with a small letter and take up to 40 small letters, digits and _: my_method.",
        )


def require_free(name: str) -> None:
    """Raise `InvalidInput` where something else has the name."""
    import importlib.util

    from .. import catalog, metrics
    from ..engine import suite

    known = {"solver": catalog.plug_ins("solvers"), "dataset": catalog.plug_ins("datasets")}
    for kind, names in {**known, "metric": metrics.names(), "suite": suite.names()}.items():
        if name in names:
            raise InvalidInput(f"There is a {kind} {name} already.", "Choose another name.")
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        raise InvalidInput(f"Python has a module {name} already, which the file would hide.", "Choose another name.")
