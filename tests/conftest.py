"""Runtime type checking, a command for tests to call, and which tests share a process where several run at a time.

Everything but compiled kernels is checked, and the contracts, which check what they are given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jaxtyping import install_import_hook

PACKAGE = Path(__file__).parents[1] / "src" / "kineticbench"
NUMERICS = [f"kineticbench.numerics.{path.stem}" for path in (PACKAGE / "numerics").glob("[a-z]*.py")]
CHECKED = [
    *NUMERICS,
    *(f"kineticbench.{name}" for name in ("engine", "metrics", "openpmd", "pictures", "ranking", "results")),
]

install_import_hook(CHECKED, "typecheck.numeric_tower")

# Folders whose tests come one after another: they watch processes and seconds, or share what is slow to make.
TOGETHER = {name: name for name in ("cli", "conformance", "contract", "handbook", "openpmd", "site", "submissions")}
TOGETHER |= dict.fromkeys(("benchmarks", "engine"), "machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tell pytest-xdist which tests belong to one process; of other folders those of one file do."""
    from xdist.scheduler import LoadScopeScheduling

    class Folders(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return TOGETHER.get(Path(file).parent.name, file)

    return Folders(config, log)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    """Gives exit status, standard output and standard error of a command, run in this process."""
    from kineticbench.cli import main

    def called(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            main(list(words))
        out, err = capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    return called
