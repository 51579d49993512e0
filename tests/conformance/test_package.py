"""The package that docs/plug_in_package.md shows, written as it stands there: installed, listed, checked and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "plug_in_package.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([^`\n]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ {4}(kineticbench .*)$", flags=re.MULTILINE)


class Package:
    """The files of the document, and its package installed in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder, self.site = folder / "kineticbench-mine", folder / "site"
        self.files = dict(FILE.findall(DOCUMENT))
        for name, text in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for command in COMMAND.findall(DOCUMENT.partition("and changed from there")[0]):
            self.typed(*command.split()[1:])
        self.laid_out = {path.name for path in self.folder.rglob("*") if path.is_file()}
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--target", self.site)
        self.run(*pip, "--no-deps", "--no-index", "--no-build-isolation", ".")

    def run(self, *words: str | Path) -> str:
        """What a command prints that is run in the package's folder."""
        paths = [str(self.site), os.environ.get("PYTHONPATH", "")]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path), "COLUMNS": "160"}
        words_ = [str(word) for word in words]
        done = subprocess.run(words_, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{words_}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def typed(self, *words: str) -> str:
        """What `kineticbench` prints."""
        return self.run(sys.executable, "-m", "kineticbench.cli", *words)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package(tmp_path_factory.mktemp("package"))


def test_the_layout_shows_every_file(package: Package):
    shown = DOCUMENT.partition("```\n")[2].partition("```")[0]
    assert package.laid_out == set(re.findall(r"[\w.-]+\.\w+$", shown, flags=re.MULTILINE))


def test_it_is_listed_and_shown_from_anywhere(package: Package):
    listed = package.typed("list", "solvers", "datasets")
    assert re.search(r"my_method +Leapfrog steps", listed)
    assert re.search(r"my_problem +Two beams", listed)
    assert str(package.site) in package.run(
        sys.executable, "-c", "from kineticbench import catalog; print(catalog.find('solvers', 'my_method').path)"
    )


def test_its_workflow_passes(package: Package):
    """Every step but the installation, which was done without a network."""
    *install, one, two, three, four = re.findall(r"- run: (.*)", package.files[".github/workflows/check.yml"])
    assert install == ["pip install -c kineticbench/constraints.txt ./kineticbench pytest", "pip install ."]
    steps = (one, two, three, four)
    for step in steps:
        program, *words = step.split()
        module = {"kineticbench": "kineticbench.cli", "pytest": "pytest"}[program]
        printed = package.run(sys.executable, "-m", module, *words)
        if "run" in words:
            assert "3 ok" in printed
        elif "check" in words:
            assert "Nothing to mend" in printed


def test_every_command_of_its_readme_names_what_there_is(package: Package):
    for command in COMMAND.findall(package.files["README.md"]):
        verb, *_ = words = command.split()[1:]
        assert verb == "run" or "Leapfrog steps" in package.typed(*words)
