"""The process that makes some shards: `python -m … FOLDER < JOB` writes FOLDER/<two digits>.js for each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..garbage import uncollected
from .shard_job import shards_of
from .shards import make

if __name__ == "__main__":
    os.nice(1)
    records, shards = shards_of(sys.stdin.buffer.read())  # from our own parent
    with uncollected():
        make(Path(sys.argv[1]), records, shards)
