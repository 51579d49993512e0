"""The command line: one module a verb, imported when the verb is used.

A module `kineticbench.cli.NAME` holds `app`, a `typer.Typer` with one command (or several, for a verb of two words).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

VERBS: dict[str, tuple[str, str]] = {
    "list": ("list_", "List solvers, datasets, metrics and suites."),
    "show": ("show", "Describe a solver, dataset, metric or suite."),
    "cite": ("cite", "Print the BibTeX of what was used."),
    "run": ("run", "Run a suite and print the leaderboard."),
    "status": ("status", "Say what a results folder holds."),
    "rescore": ("rescore", "Score stored solutions again with today's metrics."),
    "new": ("new", "Write a solver to begin from."),
    "check": ("check", "Try a solver or a dataset and say what to mend."),
    "compare": ("compare", "Say what got worse between two results folders."),
    "submit": ("submit", "Gather a solver and its records to send them in."),
    "verify": ("verify", "Run a submission here and say whether its claims hold."),
    "fit": ("fit", "Train a solver and keep the fit."),
    "export": ("export", "Write a problem for a code in any language."),
    "score": ("score", "Score the trajectory that such a code has written."),
    "leaderboard": ("leaderboard", "Build the leaderboard's pages."),
}
GOES_ON = "what was finished is kept, and the same command goes on"
LEFT = {
    "run": GOES_ON,
    "fit": GOES_ON,
    "rescore": GOES_ON,
    "verify": "what was run is kept, and the same command with the --seed that was printed goes on",
    "check": "nothing is kept, and the same command begins anew",
    "export": "a file is written whole or not at all",
    "score": "a record is written last, whole or not at all, and the same command begins anew",
}  # of an interrupted verb


class LazyGroup(TyperGroup):
    """The verbs; help needs their names and first lines only."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return [verb for verb, (module, _) in VERBS.items() if importlib.util.find_spec(f"{__name__}.{module}")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in that knows its help."""
        return TyperCommand(cmd_name, help=VERBS[cmd_name][1]) if cmd_name in VERBS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb itself, imported."""
        from ..contracts.errors import UnknownName

        verb = args[0]
        if verb not in self.list_commands(ctx):
            raise UnknownName.among("command", verb, self.list_commands(ctx))
        module = importlib.import_module(f"{__name__}.{VERBS[verb][0]}")
        return verb, typer.main.get_command(module.app), args[1:]

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; Ctrl-C gives exit status 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            left = LEFT.get(ctx.invoked_subcommand, "")
            typer.echo(f"kineticbench: interrupted{left and '; '}{left}.", err=True)
            raise typer.Exit(130) from None


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Benchmark solvers of kinetic equations: run suites, keep records, build a leaderboard."""
    if version:
        from .. import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """The console script: errors a user can mend are one line on stderr and exit status 2."""
    try:
        typer.main.get_command(app)(args=arguments, prog_name="kineticbench")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from ..contracts.errors import KineticbenchError  # imports NumPy, which help need not wait for

        if isinstance(error, RecursionError):
            error = KineticbenchError("Something in it is nested too deeply.", "Write it more plainly.")
        if not isinstance(error, KineticbenchError):
            raise
        from ..site.text import plain

        typer.echo(f"kineticbench: {plain(' '.join(str(error).splitlines()), 4000)}", err=True)
        sys.exit(2)
