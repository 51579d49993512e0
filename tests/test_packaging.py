"""A wheel holds exactly what git tracks and works from a clean environment, as does an editable install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = ("certificate", "methodology", "particles", "performance", "roofline")  # that the leaderboard's site has
FOLDERS = {
    "src/kineticbench/": "kineticbench/",
    "solvers/": "kineticbench/solvers/",
    "datasets/": "kineticbench/datasets/",
    "benchmarks/suites/": "kineticbench/suites/",
    "leaderboard/templates/": "kineticbench/templates/",
    "leaderboard/static/": "kineticbench/static/",
    "leaderboard/fits/": "kineticbench/fits/",
    "docs/schemas/": "kineticbench/docs/schemas/",
    **{f"docs/{name}.md": f"kineticbench/docs/{name}.md" for name in GUIDES},
}
LINKS = {"solvers", "datasets", "suites", "templates", "static", "fits", "docs"}

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a git checkout to know what is tracked")


def run(*command: str | Path, cwd: Path) -> str:
    # without the variables of this environment, and with warnings of the build tools left alone
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files and nothing else."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=source)
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def wheel_from_sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", cwd=source)
    unpacked = tmp_path_factory.mktemp("sdist")
    shutil.unpack_archive(next((source / "dist").glob("*.tar.gz")), unpacked, filter="data")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=next(unpacked.iterdir()))
    return next(unpacked.glob("*/dist/*.whl"))


def clean_environment(folder: Path) -> Path:
    """A new environment that sees our dependencies but not this checkout; returns its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    # a path on a .pth line is searched, but the .pth files in it (such as an editable install's) are not
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


def holds(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_exactly_the_tracked_files(wheel: Path, wheel_from_sdist: Path) -> None:
    expected = set()
    for name in tracked():
        for folder, place in FOLDERS.items():
            if name.startswith(folder) and name.removeprefix("src/kineticbench/") not in LINKS:
                expected.add(place + name.removeprefix(folder))
    assert holds(wheel) == expected
    assert holds(wheel_from_sdist) == expected


def check_installed(python: Path, folder: Path) -> None:
    """List the plug-ins and build the cheapest from outside the checkout."""
    code = (
        "import kineticbench, kineticbench.catalog as c; "
        "print(kineticbench.__file__); print(*c.plug_ins('solvers'), *c.plug_ins('datasets')); "
        "print(c.build('solvers', 'identity', {}))"
    )
    where, names, built = run(python, "-c", code, cwd=folder).splitlines()
    assert str(ROOT) not in where
    assert {"identity", "sheets", "gaussian_ensemble"} <= set(names.split())
    assert built == "Identity()"
    assert "quick" in run(python.parent / "kineticbench", "list", "suites", cwd=folder)


@pytest.mark.parametrize("how", ["wheel", "wheel_from_sdist"])
def test_a_wheel_works_outside_the_checkout(how: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    built: Path = request.getfixturevalue(how)
    python = clean_environment(tmp_path / "environment")
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", "--ignore-installed", built, cwd=tmp_path)
    check_installed(python, tmp_path)


def test_an_editable_install_works_outside_the_checkout(source: Path, tmp_path: Path) -> None:
    python = clean_environment(tmp_path / "environment")
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
    run(*pip, "install", *options, "-e", source, cwd=tmp_path)
    check_installed(python, tmp_path)
