"""Files are written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.files import sha256, write_atomically


def test_bytes_and_writers(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, b"first")

    def second(scratch: Path) -> None:
        scratch.write_bytes(b"second")

    write_atomically(path, second)
    assert path.read_bytes() == b"second"
    assert sha256(path) == hashlib.sha256(b"second").hexdigest()
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(scratch: Path) -> None:
        scratch.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InvalidInput, match="No space left"):
        write_atomically(path, full)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_of_the_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(InvalidInput, match="Cannot write"):
        write_atomically(tmp_path / "taken" / "file", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> tuple[int, str]:
        scratch = tmp_path / "scratch"
        scratch.touch()
        return os.open("/dev/full", os.O_WRONLY), str(scratch)

    monkeypatch.setattr("tempfile.mkstemp", full)
    monkeypatch.setattr("os.fchmod", lambda *_: None)
    with pytest.raises(InvalidInput, match="No space left"):
        write_atomically(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []
