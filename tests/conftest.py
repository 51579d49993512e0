"""Runtime type checking, and which tests share a process where several run at a time (`make test`).

Everything but compiled kernels is checked, and the contracts, which check what they are given.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jaxtyping import install_import_hook

PACKAGE = Path(__file__).parents[1] / "src" / "kineticbench"
NUMERICS = [f"kineticbench.numerics.{path.stem}" for path in (PACKAGE / "numerics").glob("[a-z]*.py")]
CHECKED = [
    *NUMERICS,
    *(f"kineticbench.{name}" for name in ("engine", "metrics", "openpmd", "pictures", "ranking", "results")),
]

install_import_hook(CHECKED, "typecheck.numeric_tower")

# Tests that watch processes, seconds or a browser come one after another; others share what is slow to make.
TOGETHER = dict.fromkeys(("benchmarks", "cli", "engine", "site"), "machine")
TOGETHER |= {name: name for name in ("conformance", "contract", "handbook", "openpmd", "submissions")}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell pytest-xdist which tests belong to one process."""
    if config.pluginmanager.has_plugin("xdist"):
        for item in items:
            folder = item.path.relative_to(Path(__file__).parent).parts[0]
            if folder in TOGETHER:
                item.add_marker(pytest.mark.xdist_group(TOGETHER[folder]))
