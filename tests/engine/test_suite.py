"""A suite is what was meant, or an error that names what is near."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench.contracts import InvalidInput, UnknownName
from kineticbench.engine import suite as suites

GOOD = """
seeds = [0, 1]
timing = false
limits = { seconds = 5 }
[[dataset]]
name = "gaussian_ensemble"
[[dataset]]
name = "gaussian_ensemble"
label = "published"
parameters = { generator = "published" }
[[solver]]
name = "pic"
settings = [{ cells = 64 }]
datasets = ["published"]
"""


def load(tmp_path: Path, text: str) -> suites.Suite:
    path = tmp_path / "s.toml"
    path.write_text(text)
    return suites.load(str(path))


def test_defaults_are_filled_in(tmp_path: Path):
    suite = load(tmp_path, GOOD)
    assert (suite.seeds, suite.device, suite.precision, suite.timing) == ([0, 1], "cpu", "float64", False)
    assert suite.limits.seconds == 5
    assert suite.limits.bytes == suites.LimitSettings().bytes
    assert suite.solver[0].settings == [{"cells": 64}]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds", "sedes", "Unknown key .*'sedes'. Did you mean 'seeds'"),
        ("seconds", "second", "Did you mean 'seconds'"),
        ("settings", "setings", "Did you mean 'settings'"),
        ('label = "published"', 'lable = "published"', "Did you mean 'label'"),
        ('datasets = ["published"]', 'datasets = ["publish"]', "Did you mean 'published'"),
        ("seconds = 5", "seconds = -5", r"limits.seconds: Input should be greater than 0, got -5"),
        ("seconds = 5", 'seconds = "fast"', "limits.seconds: Input should be a valid number"),
        ("[0, 1]", "[0, -1]", r"seeds.1: Input should be greater than or equal to 0"),
        ("timing = false", "timing = true", "timing"),
        ('label = "published"', "", "two datasets called 'gaussian_ensemble'"),
        ("seeds = [0, 1]", "seeds = [0, 1", "is not TOML"),
        ('[[solver]]\nname = "pic"', '[[solver]]\nnames = "pic"', "Did you mean 'name'|solver.0.name: Field required"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str):
    assert old in GOOD
    with pytest.raises(InvalidInput, match=message):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_an_unknown_suite_names_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'smoke'"):
        suites.load("smokes")
    with pytest.raises(InvalidInput, match="no suite file"):
        suites.load("nowhere.toml")


@pytest.mark.parametrize("name", suites.names())
def test_our_suites_parse_and_say_what_they_are(name):
    assert suites.load(name).description
