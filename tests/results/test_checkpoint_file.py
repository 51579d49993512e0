"""The header of a checkpoint is held against its file before anything else is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from kineticbench.catalog import PACKAGE
from kineticbench.contracts import CorruptFile
from kineticbench.results.checkpoint_file import require_sound

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def written(folder: Path, header: Any, held: bytes = b"\0" * 8, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "weights.safetensors"
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + held)
    return path


def test_what_the_library_writes_is_sound(tmp_path):
    arrays = {"a": np.zeros((2, 3), np.float32), "b": np.zeros(0), "c": np.arange(5), "d": np.array(1.0)}
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save(arrays, {"said": "something"}))
    found = {array.name: (array.dtype, array.shape) for array in require_sound(path)}
    assert found == {"a": ("F32", (2, 3)), "b": ("F64", (0,)), "c": ("I64", (5,)), "d": ("F64", ())}
    with pytest.raises(CorruptFile, match="must have from 8 to 100"):
        require_sound(path, most_bytes=100)


@pytest.mark.parametrize("path", sorted((PACKAGE / "fits").glob("*.safetensors"))[:5], ids=lambda path: path.name[:12])
def test_our_own_are_sound(path):
    assert require_sound(path)


@pytest.mark.parametrize(
    ("header", "held", "found"),
    [
        ({"a": F32}, b"\0" * 7, "declares 8 bytes of arrays and holds 7"),
        ({"a": F32}, b"\0" * 9, "declares 8 bytes of arrays and holds 9"),
        ({"a": {**F32, "shape": [3]}}, b"\0" * 8, "declares 8 bytes, and its shape takes 12"),
        ({"a": {**F32, "shape": [1 << 40, 1 << 40]}}, b"\0" * 8, "its shape takes"),
        ({"a": {**F32, "shape": [-2]}}, b"\0" * 8, "not of whole numbers"),
        ({"a": {**F32, "shape": [True, 2]}}, b"\0" * 8, "not of whole numbers"),
        ({"a": {**F32, "shape": [1] * 20}}, b"\0" * 8, "not of whole numbers"),
        ({"a": {**F32, "data_offsets": [8, 0]}}, b"\0" * 8, "declares -8 bytes"),
        ({"a": {**F32, "data_offsets": [0]}}, b"\0" * 8, "not two whole numbers"),
        ({"a": {**F32, "dtype": "O"}}, b"\0" * 8, "has the dtype 'O'"),
        ({"a": {**F32, "dtype": ["F32"]}}, b"\0" * 8, "has the dtype"),
        ({"a": {**F32, "more": 1}}, b"\0" * 8, "something else than"),
        ({"a": F32, "b": F32}, b"\0" * 8, "'b' begins at byte 0, and the one before it ends at 8"),
        ({"a": {**F32, "data_offsets": [4, 12]}}, b"\0" * 12, "'a' begins at byte 4"),
        ({"a\u202eb": F32}, b"\0" * 8, "hides characters"),
        ({"a" * 300: F32}, b"\0" * 8, "too long"),
        ({"__metadata__": {"a": 1}}, b"", "metadata are not texts"),
        (["a"], b"", "is no table"),
        (b'{"a": 1, "a": 2}', b"", "a name twice"),
        (b"[" * 50_000, b"", "is not JSON"),
        (b"\xff{}", b"", "is not JSON"),
        (b"", b"", "is not JSON"),
    ],
)  # fmt: skip
def test_what_lies_is_named(tmp_path, header, held, found):
    with pytest.raises(CorruptFile, match=found):
        require_sound(written(tmp_path, header, held))


def test_a_header_beyond_the_file_or_too_long_is_not_read(tmp_path):
    for length in (1 << 63, 1 << 40, 1000):
        with pytest.raises(CorruptFile, match="declares a header of"):
            require_sound(written(tmp_path, {"a": F32}, length=length))
    large = written(tmp_path, b" " * (1 << 20) + b"{}", b"")
    with pytest.raises(CorruptFile, match="declares a header of"):
        require_sound(large)
    assert require_sound(large, most_header=1 << 21) == []


def test_what_is_no_file(tmp_path):
    import os

    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CorruptFile, match=r"not a file|cannot be read"):
            require_sound(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CorruptFile, match="not a file"):
        require_sound(tmp_path / "pipe")
    (tmp_path / "short").write_bytes(b"abc")
    with pytest.raises(CorruptFile, match="has 3 bytes"):
        require_sound(tmp_path / "short")
