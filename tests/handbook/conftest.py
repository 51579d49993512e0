"""The documentation as Sphinx builds it, once for all tests; what `make docs` built before is brought up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of pages; a warning of Sphinx fails every test that asks for it."""
    pytest.importorskip("sphinx", reason="needs kineticbench[docs]")
    target, cache = ROOT / "docs" / "_build" / "html", ROOT / "docs" / "_build" / "doctrees"
    options = ["--quiet", "--fail-on-warning", "--doctree-dir", str(cache)]
    command = [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return target
