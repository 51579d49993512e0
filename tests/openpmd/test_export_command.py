"""`kineticbench export` refuses in one line what it cannot write, and replaces no file unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.engine.cell import PlugInSetting
from kineticbench.openpmd import description
from kineticbench.openpmd.export import Order, pose


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("bkw", "--particles", "16", "--seed", "4294967296"), "--seed cannot be 4 294 967 296. Give a number from 0"),
        (("bkw", "--seed", "-1"), "--seed cannot be -1"),
        (("landau_damping", "--particles", "100000000000000"), "--particles cannot be 100 000 000 000 000"),
        (("landau_damping", "--particles", "0"), "Give a number from 1 to 10 000 000 000."),
        (("gaussian_ensemble", "--cases", "0"), "--cases cannot be 0"),
        (("gaussian_ensemble", "--cases", "2", "--parameters", f"particles={10**15}"), "posed so: MemoryError"),
        (
            ("gaussian_ensemble", "--cases", "2", "--parameters", f"particles={10**30}"),
            "gaussian_ensemble cannot be posed so: ",
        ),
        (("bump_on_tail", "--particles", "9", "--parameters", "amplitude=NaN"), "posed so: ValueError"),
        (("tiny_stream", "--split", "Test"), "A file cannot state the split 'Test'"),
        (("gaussian_ensemble", "--split", "Test"), "Unknown split 'Test'"),
    ],
)
def test_what_cannot_be_is_one_line(words: tuple[str, ...], message: str, dataset, call, tmp_path: Path):
    name, *options = words
    status, out, err = call("export", name, str(tmp_path / "problem.h5"), *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_what_a_file_cannot_state_has_a_remedy():
    problem = pose(Order("bkw", {"cells": 8}, particles=9)).problem
    for name, seed, words in (("b" * 65, 0, "the dataset 'bbb"), ("bkw", 2**32, "the seed '4294967296'")):
        with pytest.raises(InvalidInput, match=f"A file cannot state {words}") as error:
            description.describe(PlugInSetting(name, {}), "test", None, seed, problem, 1)
        assert error.value.remedy
        assert "\n" not in str(error.value)


def test_a_dataset_in_a_file_is_not_executed(call, tmp_path: Path):
    mark, path = tmp_path / "executed", tmp_path / "mine.py"
    path.write_text(f"open({str(mark)!r}, 'w')\nclass Mine(Dataset):\n    pass\n")
    status, _, err = call("export", str(path), str(tmp_path / "problem.h5"))
    assert (status, err) == (
        2,
        f"kineticbench: {path} is a file, and export executes none; score would not take it either. "
        "Install it as docs/plug_in_package.md says and give its name.\n",
    )
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_replaced_where_it_is_asked_for(dataset, call, tmp_path: Path):
    path = tmp_path / "problem.h5"
    path.write_bytes(b"dear")
    link = tmp_path / "link.h5"
    link.symlink_to(tmp_path / "nowhere")
    for there in (path, link, tmp_path):
        status, out, err = call("export", dataset, str(there))
        assert (status, out) == (2, "")
        assert err == f"kineticbench: {there} is there already. Choose another name, or replace it with --force.\n"
    assert path.read_bytes() == b"dear"
    assert call("export", dataset, str(path), "--force")[0] == 0
    assert path.read_bytes()[:4] == b"\x89HDF"
    status, _, err = call("export", dataset, str(tmp_path), "--force")
    assert (status, err.count("\n")) == (2, 1)
