"""Reads some shelves of a results folder beside another process: `python -m … FOLDER CACHE SHELF …`."""

from __future__ import annotations

import sys
from pathlib import Path

from ..garbage import uncollected
from .reading import fill

if __name__ == "__main__":
    with uncollected():
        fill(Path(sys.argv[1]), Path(sys.argv[2]), [int(number) for number in sys.argv[3:]])
