"""The history of run times that asv publishes, beside the leaderboard."""

from __future__ import annotations

from pathlib import Path

from .output import Output

PERFORMANCE = "performance"


def add_performance(site: Output, folder: Path | None) -> bool:
    """Copy asv's pages in, or keep those of the old site; whether there are any.

    Links are not followed, and files that begin with a dot are left out.
    """
    source = site.target / PERFORMANCE if folder is None else Path(folder)
    if not (source / "index.html").is_file():
        return False
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in inside.parts):
            site.put(f"{PERFORMANCE}/{inside.as_posix()}", path.read_bytes())
    return True
