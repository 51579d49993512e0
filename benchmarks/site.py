"""Building the leaderboard from many records, the first time and with everything warm."""

import importlib.util
import shutil
import tempfile
from pathlib import Path

FACTORY = Path(__file__).parents[1] / "tests" / "site" / "record_factory.py"


def _factory():
    spec = importlib.util.spec_from_file_location("record_factory", FACTORY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Site:
    """Solvers × settings × datasets of synthetic records."""

    params = ([1, 10],)
    param_names = ("datasets",)
    timeout = 300
    solvers, settings = 10, 5

    def setup(self, datasets):
        from kineticbench.results.store import Store

        factory = _factory()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(self.folder / "records")
        for dataset in range(datasets):
            for solver in range(self.solvers):
                for step in range(1, self.settings + 1):
                    self.store.write(
                        factory.record(
                            f"solver{solver}",
                            f"{step} steps",
                            {"steps": step},
                            dataset=f"dataset{dataset}",
                            errors=factory.both(0.1 * (1 + solver) / step**1.5, 1.5),
                            warm=0.01 * (1 + solver) * step,
                        )
                    )

    def teardown(self, datasets):
        shutil.rmtree(self.folder)

    def time_read(self, datasets):
        self.store.read()

    def time_rank(self, datasets):
        from kineticbench.ranking.boards import boards

        boards(self.store.read().records)

    def time_build(self, datasets):
        from kineticbench.site.build import build

        build(self.store.folder, self.folder / "site")

    def peakmem_build(self, datasets):
        self.time_build(datasets)
