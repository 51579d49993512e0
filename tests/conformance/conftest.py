"""Plug-ins as files, and what the suite finds of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench.catalog import PACKAGE
from kineticbench.conformance.outcome import Finding
from kineticbench.conformance.suite import subject, tried


class Bench:
    """Writes plug-ins into a folder and tries them in this process."""

    def __init__(self, folder: Path):
        self.folder = folder

    @staticmethod
    def template(name: str) -> str:
        """One of the files that `kineticbench new` writes: vlasov_poisson, landau, dataset."""
        return (PACKAGE / "conformance" / f"template_{name}.py.txt").read_text(encoding="utf-8")

    def write(self, text: str, name: str = "mine.py") -> str:
        """The path of a file with this text."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def broken(self, text: str, name: str = "mine.py") -> list[Finding]:
        """What is to be mended in a file with this text."""
        return [finding for finding in tried(subject(self.write(text, name))) if finding.state == "broken"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
