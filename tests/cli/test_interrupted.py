"""Ctrl-C is status 130 and a line that says what is true of the command."""

from __future__ import annotations

import importlib

import pytest
import typer

from kineticbench.cli import VERBS

GOES_ON = "what was finished is kept, and the same command goes on"


@pytest.mark.parametrize(
    ("verb", "left"),
    [
        ("run", f"; {GOES_ON}"),
        ("rescore", f"; {GOES_ON}"),
        ("fit", f"; {GOES_ON}"),
        ("verify", "; what was run is kept, and the same command with the --seed that was printed goes on"),
        ("check", "; nothing is kept, and the same command begins anew"),
        ("export", "; a file is written whole or not at all"),
        ("score", "; a record is written last, whole or not at all, and the same command begins anew"),
        ("status", ""),
        ("show", ""),
    ],
)
def test_it_says_what_is_left(verb: str, left: str, call, monkeypatch: pytest.MonkeyPatch):
    def pressed() -> None:
        raise KeyboardInterrupt

    app = typer.Typer()
    app.command()(pressed)
    monkeypatch.setattr(importlib.import_module(f"kineticbench.cli.{VERBS[verb][0]}"), "app", app)
    assert call(verb) == (130, "", f"kineticbench: interrupted{left}.\n")
