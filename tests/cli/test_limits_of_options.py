"""Seconds and memory that cannot be meant are told in a line before anything begins."""

from __future__ import annotations

import pytest

from kineticbench.cli._within import GIGABYTES, SECONDS


@pytest.mark.parametrize("verb", ["score", "verify", "check"])
@pytest.mark.parametrize("option", ["--memory", "--seconds"])
@pytest.mark.parametrize("number", ["inf", "nan", "-inf", "1e15", "0"])
def test_one_line_and_status_two(verb: str, option: str, number: str, call):
    status, out, err = call(verb, "nothing", option, number)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"kineticbench: {option} cannot be ")
    assert "Give a number from " in err


def test_what_is_allowed_overflows_nothing(call):
    most = ("--memory", str(GIGABYTES), "--seconds", str(SECONDS))
    for verb, name in (("score", "nowhere.h5"), ("check", "nobody"), ("verify", "nobody")):
        status, _, err = call(verb, name, *most)
        assert (status, err.count("\n")) == (2, 1)
        assert "cannot be" not in err or "cannot be read" in err
