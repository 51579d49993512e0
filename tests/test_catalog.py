"""The catalog reads plug-ins without executing them, and builds them with parameters that fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kineticbench import catalog
from kineticbench.contracts import InvalidInput, UnknownName

SOURCE = '''
"""A file."""
from dataclasses import dataclass
from typing import ClassVar
from kineticbench.contracts import Solver

{before}

@dataclass(frozen=True)
class Mine(Solver):
    """My method.

    More of it.
    """

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    cite: ClassVar[str] = """
        @misc{{a}}
    """
    steps: int = 3
    dt: float = 0.1
    loading: str = "quiet"

    def start(self): ...
    def unsupported(self, problem): ...
    def ladder(self, problem): ...
    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None): ...
'''


def write(folder: Path, name: str = "mine.py", before: str = "") -> Path:
    path = folder / name
    path.write_text(SOURCE.format(before=before))
    return path


def test_reading_executes_nothing(tmp_path: Path) -> None:
    plug_in = catalog.find("solvers", str(write(tmp_path, before="raise SystemExit('executed')")))
    assert (plug_in.name, plug_in.class_name, plug_in.summary) == ("mine", "Mine", "My method.")
    assert plug_in.metadata == {"solves": ("vlasov_poisson",), "cite": "@misc{a}"}
    assert plug_in.parameters == {"steps": ("int", "3"), "dt": ("float", "0.1"), "loading": ("str", "'quiet'")}


def test_building_coerces_and_names_what_is_wrong(tmp_path: Path) -> None:
    name = str(write(tmp_path))
    built = catalog.build("solvers", name, {"steps": 5.0, "dt": 1})
    assert catalog.parameters(built) == {"steps": 5, "dt": 1.0, "loading": "quiet"}
    assert isinstance(built.dt, float)
    assert catalog.setting(built) == "5 steps, dt=1"
    assert catalog.setting(catalog.build("solvers", name, {})) == "3 steps"
    with pytest.raises(UnknownName, match="Did you mean 'steps'"):
        catalog.build("solvers", name, {"step": 5})
    with pytest.raises(InvalidInput, match=r"mine\.steps = 'many'"):
        catalog.build("solvers", name, {"steps": "many"})


def test_unknown_names_and_files() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'sheets'"):
        catalog.find("solvers", "sheet")
    with pytest.raises(InvalidInput, match="no file"):
        catalog.find("solvers", "nowhere/at_all.py")


def test_a_file_that_is_no_plug_in_or_no_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("def (:\n")
    with pytest.raises(InvalidInput, match="no class derived from Solver"):
        catalog.find("solvers", str(tmp_path / "empty.py"))
    with pytest.raises(InvalidInput, match="not valid Python"):
        catalog.find("solvers", str(tmp_path / "broken.py"))


def test_two_of_one_name_are_an_error_that_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    first, second = write(tmp_path), write(tmp_path / "other")
    monkeypatch.setattr(catalog, "_sources", lambda _: [(first, "a"), (second, "b")])
    with pytest.raises(InvalidInput, match=r"mine\.py.*mine\.py"):
        catalog.plug_ins("solvers")


def test_installed_packages_add_plug_ins(tmp_path: Path) -> None:
    write(tmp_path, "their_method.py")
    information = tmp_path / "theirs-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[kineticbench.solvers]\ntheir_method = their_method:Mine\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from kineticbench import catalog; " + (
        "print(catalog.build('solvers', 'their_method', {'steps': 7}).steps)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "7"


def test_the_catalog_imports_nothing_heavy() -> None:
    code = (
        "import sys; from kineticbench import catalog; catalog.plug_ins('solvers'); catalog.plug_ins('datasets'); "
        "print(*({'jax', 'torch', 'pandas', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
