"""What is written lands whole, is touched only where it changed, and leads to every page."""

from __future__ import annotations

from pathlib import Path

from handbook.extension import further, write


def test_files_that_stay_the_same_are_not_touched(tmp_path: Path) -> None:
    assert write(tmp_path, {"a/b.md": b"one", "c.md": b"two"}) == 2
    before = (tmp_path / "c.md").stat().st_mtime_ns
    assert write(tmp_path, {"a/b.md": b"new", "c.md": b"two"}) == 1
    assert (tmp_path / "c.md").stat().st_mtime_ns == before
    assert (tmp_path / "a" / "b.md").read_bytes() == b"new"


def test_what_is_no_longer_written_goes(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.md": b"one", "c.md": b"two"})
    assert write(tmp_path, {"c.md": b"two"}) == 0
    assert [path.name for path in tmp_path.rglob("*")] == ["c.md"]


def test_pages_that_the_first_does_not_name_are_led_to(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# All\n\n```{toctree}\n\nknown\n```\n")
    (tmp_path / "known.md").write_text("# Known\n")
    assert further(tmp_path) == "% none\n"
    for name in ("examples/fortran.md", "generated/card.md", "_build/old.md"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("# Page\n")
    assert "\nexamples/fortran\n" in further(tmp_path)
    assert "card" not in further(tmp_path)
    assert "old" not in further(tmp_path)
