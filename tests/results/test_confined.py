"""Names that records give mean what they may, and nothing else."""

from __future__ import annotations

import pytest

from kineticbench.contracts import CorruptFile, InvalidInput
from kineticbench.results.confined import OWN_NAME, hidden, plug_in_name, stored_file, unfit_text


@pytest.mark.parametrize("name", ["bkw", "gaussian_ensemble", "Größe-2", "a" * 80])
def test_names_of_plug_ins(name):
    assert plug_in_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../bkw", "/etc/passwd", "a/b", "a\\b", "C:x", "evil.py", ".hidden", "a\0b", "a\nb", "a\u202eb",
     "a\u200bb", "a\ud800", "a" * 81],
)  # fmt: skip
def test_what_is_no_name_of_a_plug_in(name):
    with pytest.raises(InvalidInput):
        plug_in_name(name)


def test_files_beside_a_record(tmp_path):
    name = f"solutions/{'0' * 64}.20260102T030405Z-0000.h5"
    assert stored_file(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize(
    "name",
    ["x.h5", "solutions/../x.h5", "../solutions/x.h5", "/solutions/x.h5", "solutions//x.h5", "solutions/a/b.h5",
     "solutions/.x.h5", "solutions/x\n.h5", "solutions/..", "solutions/x..h5", "Solutions/x.h5",
     "solutions/" + "x" * 300],
)  # fmt: skip
def test_what_is_no_file_beside_a_record(tmp_path, name):
    with pytest.raises(CorruptFile):
        stored_file(tmp_path, name)


def test_a_link_is_no_file_beside_a_record(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "x.h5").symlink_to("/etc/passwd")
    with pytest.raises(CorruptFile):
        stored_file(tmp_path, "solutions/x.h5")


def test_a_folder_that_is_a_link_has_none(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "solutions").symlink_to("elsewhere")
    (tmp_path / "elsewhere" / "x.h5").touch()
    with pytest.raises(CorruptFile):
        stored_file(tmp_path, "solutions/x.h5")


def test_own_names():
    assert all(OWN_NAME.fullmatch(name) for name in ("pic", "pde_nhf", "a2"))
    assert not any(OWN_NAME.fullmatch(name) for name in ("", "_a", "2a", "A", "a-b", "a.b", "é", "a" * 61, "a\n"))


def test_hidden_characters_are_named():
    assert hidden("plain – with signs ≤ √2 and 漢字") is None
    assert hidden("a\u202eb") == "U+202E"
    assert hidden("a\x1b[31m") == "U+001B"


def test_text_anywhere_in_json_is_looked_at():
    assert unfit_text({"a": ["fine", {"b": "two\nlines"}], "c": 1, "d": None}) is None
    assert unfit_text({"a": ["fine", {"b": "\u2066x"}]}) == "a.b hides the character U+2066"
    assert unfit_text({"a\u202e": 1}) == "a key of the record hides the character U+202E"
    assert unfit_text({"a": "x" * 5000}) == "a has 5000 characters, more than 4000"
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    assert "too deeply" in (unfit_text(deep) or "")
