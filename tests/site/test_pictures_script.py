"""Pictures become scripts only where they are pictures of ours, and nothing in them ends a script."""

from __future__ import annotations

import json

import pytest

from kineticbench.contracts.errors import CorruptFile
from kineticbench.pictures.model import MOST_BYTES
from kineticbench.site.pictures import pictures_script

AXIS = {"label": "x", "low": 0.0, "high": 1.0}
PANEL = {
    "name": "entropy",
    "title": "Entropy",
    "kind": "curves",
    "x": AXIS,
    "y": AXIS,
    "at": [0.0, 1.0],
    "frames": [[{"role": "solver", "label": "solver", "values": [0.5, None]}]],
}


def content(panel=None, **changes):
    panels = [PANEL if panel is None else {**PANEL, **panel}]
    return json.dumps({"schema": "kineticbench/pictures/1", "times": [1.0], "panels": panels, **changes}).encode()


def data_of(script, name):
    before, _, after = script.partition("] = ")
    assert json.loads(before.partition("[")[2]) == name
    return json.loads(after.removesuffix(";\n"))


def test_the_data_comes_back():
    data = data_of(pictures_script(content(), "a"), "a")
    assert data["panels"][0]["frames"][0][0]["values"] == [0.5, None]
    assert data["schema"] == "kineticbench/pictures/1"


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "]]>", "a & b", "\u2028\u2029", '"];//']
)
def test_nothing_ends_the_script(text):
    script = pictures_script(content({"title": text}), text)
    assert not set("<>&\u2028\u2029") & set(script)
    assert script.count("\n") == 1
    assert data_of(script, text)["panels"][0]["title"] == text


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"null",
        b"[" * 50_000,
        b"{}",
        b"\xff\xfe",
        b"alert(1)",
        content(schema="kineticbench/pictures/2"),
        content(more=1),
        content(times=[float("nan")]),
        content(times=[float("inf")]),
        content({"kind": "script"}),
        content({"title": "x" * 1000}),
        content({"name": "a b"}),
        content({"at": [1e999]}),
        content({"at": [0.0]}),
        content({"frames": PANEL["frames"] * 2}),
        content({"frames": []}),
        content({"frames": [[{"role": "attacker", "label": "", "values": []}]]}),
        content({"x": {**AXIS, "low": "0;alert(1)"}}),
        content({"kind": "points", "frames": [[]]}),
        content() + b" " * MOST_BYTES,
    ],
)
def test_what_is_no_picture_is_refused(hostile):
    with pytest.raises(CorruptFile):
        pictures_script(hostile, "a")


def test_packed_numbers_have_no_other_digits():
    cells = {"low": 0.0, "high": 1.0, "digits": 1, "packed": "AB"}
    panel = {"name": "density", "title": "", "kind": "map", "x": AXIS, "y": AXIS, "shape": [1, 2]}

    def made(**changes):
        image = {"role": "solver", "label": "solver", "cells": {**cells, **changes}}
        return json.dumps(
            {"schema": "kineticbench/pictures/1", "times": [], "panels": [{**panel, "frames": [[image]]}]}
        ).encode()

    assert '"AB"' in pictures_script(made(), "a")
    for bad in (
        {"packed": "A<"},
        {"packed": "AB\n"},
        {"packed": "ABC"},
        {"digits": 2},
        {"digits": 3},
        {"high": float("inf")},
    ):
        with pytest.raises(CorruptFile):
            pictures_script(made(**bad), "a")
