"""asv finds every benchmark, may call it as it does, and gets a number from each `track_` that it can compare."""

from __future__ import annotations

import importlib.resources
import json
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from asv_runner import discovery

from kineticbench import catalog

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # as asv does

from benchmarks import cases, site  # noqa: E402

BENCHMARKS = ROOT / "benchmarks"
LONG = {"executors.Executors.track_busy", "executors.Executors.track_sleeping"}  # start clusters, for half a minute
FOLDERS: dict[str, Any] = {}  # of each setup_cache


@cache
def found() -> dict[str, Any]:
    """Every benchmark by its name, as asv finds them."""
    return {benchmark.name: benchmark for benchmark in discovery.disc_benchmarks(str(BENCHMARKS))}


def names(kind: str) -> list[str]:
    return sorted(name for name, benchmark in found().items() if benchmark.type == kind and name not in LONG)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """The working folder that the benchmark shares with those of the same setup_cache, which has run."""
    benchmark = found()[request.getfixturevalue("name")]
    key = benchmark.setup_cache_key or benchmark.name
    monkeypatch.setattr(site, "SIZES", site.SIZES[:1])
    monkeypatch.setenv("KINETICBENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    if key not in FOLDERS:
        FOLDERS[key] = tmp_path_factory.mktemp("asv"), None
        monkeypatch.chdir(FOLDERS[key][0])
        if benchmark._setup_cache is not None:
            FOLDERS[key] = FOLDERS[key][0], benchmark.do_setup_cache()
    monkeypatch.chdir(FOLDERS[key][0])
    return FOLDERS[key][1]


def test_what_asv_checks(capsys):
    assert all(benchmark.check(str(BENCHMARKS)) for benchmark in found().values()), capsys.readouterr().out
    assert not any(".micro." in name or name.startswith("micro") for name in found())


def test_finding_benchmarks_imports_nothing_heavy():
    code = (
        "import sys; from asv_runner.discovery import disc_benchmarks; "
        f"sys.path.insert(0, {str(ROOT)!r}); list(disc_benchmarks({str(BENCHMARKS)!r})); "
        "print(*({'jax', 'torch', 'pandas', 'numba', 'playwright'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", names("track"))
def test_each_figure_at_its_smallest_size(name, folder):
    benchmark = found()[name]
    benchmark.set_cache(folder)
    if benchmark._params:
        benchmark.set_param_idx(0)
    assert not benchmark.do_setup()
    try:
        value = benchmark.do_run()
    finally:
        benchmark.do_teardown()
    assert math.isfinite(value)
    assert value > 0  # asv compares by ratios
    assert benchmark.unit != "unit"


def test_every_solver_and_dataset_is_followed():
    from benchmarks import datasets

    assert {row.solver for row in cases.ROWS} == catalog.plug_ins("solvers").keys()
    assert set(datasets.NAMES) == catalog.plug_ins("datasets").keys()
    families = {row.solver: catalog.plug_ins("solvers")[row.solver].metadata["family"] for row in cases.ROWS}
    assert set(cases.LEARNED) == {name for name, family in families.items() if family == "learned"}
    assert len(cases.BY_NAME) == len(cases.ROWS)


@pytest.mark.parametrize("row", cases.ROWS, ids=lambda row: row.name)
def test_each_row_is_a_problem_that_its_solver_solves(row):
    posed = cases.pose(row)
    assert posed.solver.unsupported(posed.problem) is None
    assert set(cases.METRICS[row.dataset]) <= set(posed.dataset.metrics)


def test_the_exponent_of_a_power_law():
    from benchmarks.growth import exponent

    assert exponent([1, 4, 16], [3 * n**1.5 for n in (1, 4, 16)]) == pytest.approx(1.5)


def test_versions_in_the_environment_are_those_of_the_constraints():
    text = re.sub(r"^\s*//.*$", "", (ROOT / "asv.conf.json").read_text(), flags=re.MULTILINE)
    asked = json.loads(text)["matrix"]["req"]
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    assert asked == {name: [pinned[name]] for name in asked}


def test_the_pages_ask_for_nothing_elsewhere():
    from benchmarks import pages

    page = (importlib.resources.files("asv") / "www" / "index.html").read_text()
    assert set(pages.asked_for(page)) == set(pages.FILES)
    home = pages.at_home(page)
    assert pages.asked_for(home) == []
    assert len(re.findall(r'"scripts/[^"]+"', home)) == len(pages.FILES)
    assert 'rel="stylesheet" href="scripts/bootstrap.min.css">' in home
