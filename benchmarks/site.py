"""Reading and ranking many records, and building the leaderboard, the first time and after one more record."""

import importlib.util
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

SUPPORT = Path(__file__).parents[1] / "tests" / "support"
SIZES = [1_000, 10_000]  # for more see site_scale.py


def _synthetic():
    spec = importlib.util.spec_from_file_location("synthetic_records", SUPPORT / "synthetic_records.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Records:
    """Synthetic records of the usual size (10 kB): up to 500 solvers × 50 datasets × 2 settings × 2 seeds."""

    params = (SIZES,)
    param_names = ("records",)
    timeout = 600
    number = 1
    repeat = (3, 5, 3.0)
    warmup_time = 0

    def setup_cache(self):
        """Write and read the records once for all benchmarks; asv removes the folder."""
        from kineticbench.results import reading

        folder = Path.cwd() / "synthetic"
        for size in SIZES:
            _synthetic().write(folder / str(size), size)
            for path in (folder / str(size)).iterdir():
                os.utime(path, (1e9, 1e9))
            reading.read(folder / str(size), folder / f"{size}-cache")
        return folder

    def setup(self, folder, records):
        from kineticbench.results import reading

        self.records = folder / str(records)
        self.cache = Path(tempfile.mkdtemp())
        shutil.copytree(folder / f"{records}-cache", self.cache, dirs_exist_ok=True)
        self.read = lambda cache: reading.read(self.records, cache)
        self.added = None

    def teardown(self, folder, records):
        shutil.rmtree(self.cache)
        if self.added is not None:
            self.added.unlink()

    def _boards(self, cache):
        from kineticbench.ranking.boards import boards

        return boards(self.read(cache).records)

    def _rank(self, made):
        from kineticbench.garbage import uncollected

        with uncollected():
            for board in made:
                [standing.overtakes for standing in board.standings]

    def time_read(self, folder, records):
        self.read(None)

    def time_read_and_rank(self, folder, records):
        self._rank(self._boards(None))

    def time_rank_again(self, folder, records):
        """With a cache, everything ranked anew."""
        self._rank(self._boards(self.cache))

    def track_seconds_after_one_more(self, folder, records):
        """With a cache and one record more, of which only its own board is ranked."""
        known = {board.content for board in self._boards(self.cache)}
        name, text = next(_synthetic().texts(records, start=10**9))
        self.added = self.records / name
        self.added.write_text(text)
        begun = time.perf_counter()
        self._rank(board for board in self._boards(self.cache) if board.content not in known)
        return time.perf_counter() - begun

    track_seconds_after_one_more.unit = "seconds"

    def peakmem_read_and_rank(self, folder, records):
        self.time_read_and_rank(folder, records)

    def track_bytes_of_the_cache(self, folder, records):
        return sum(path.stat().st_size for path in self.cache.iterdir())

    track_bytes_of_the_cache.unit = "bytes"


class Site:
    """The site itself."""

    params = ([200, 1_000],)
    param_names = ("records",)
    timeout = 600

    def setup(self, records):
        self.folder = Path(tempfile.mkdtemp())
        _synthetic().write(self.folder / "records", records)

    def teardown(self, records):
        shutil.rmtree(self.folder)

    def time_build(self, records):
        from kineticbench.site.build import build

        build(self.folder / "records", self.folder / "site")

    def peakmem_build(self, records):
        self.time_build(records)
