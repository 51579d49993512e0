"""The roofline's command: ceilings make sense, known loops reach them, tables follow from the file."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import benchmarks
import numpy as np
import pytest
from benchmarks.roofline import __main__ as command
from benchmarks.roofline import ceilings, jax_ceilings, report, table
from benchmarks.roofline.clock import best
from benchmarks.roofline.model import GOAL, Case, Counts, Row, Traffic, row
from benchmarks.roofline.reasons import REASONS, reason

ROOT = Path(benchmarks.__file__).parents[1]
OFFICIAL = ROOT / "benchmarks" / "roofline" / "official.json"


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """Ceilings of one thread, of footprints that take no time to fill."""
    all_of_them = ceilings.FOOTPRINTS
    ceilings.FOOTPRINTS = all_of_them[:3]
    try:
        return ceilings.measure(1, 0.02)
    finally:
        ceilings.FOOTPRINTS = all_of_them


def test_ceilings_are_in_the_order_that_hardware_has(measured: dict[str, float]):
    assert all(np.isfinite(value) and value > 0 for value in measured.values())
    assert measured[f"bytes/{ceilings.FOOTPRINTS[0]}"] > measured[f"bytes/{ceilings.FOOTPRINTS[2]}"]
    assert measured["operations/float32"] > 1.3 * measured["operations/float64"]
    assert measured["operations/float64"] > measured["exponentials/float64"] > 1e6
    assert measured["operations/float64"] > measured["roots/float64"]
    assert measured["swaps"] > measured["tournaments"]


def test_a_loop_that_streams_reaches_its_ceiling(measured: dict[str, float]):
    from benchmarks.roofline import loops

    x, y = np.ones(1 << 17), np.ones(1 << 17)
    each = Counts((Traffic(24, 2 * x.nbytes),), {"operations/float64": 1})
    streams = Case("update", "", "number", 20 * x.size, "one", each, lambda: loops.update(x, y, 20))
    found = row(streams, best(streams.call, 0.1), measured)
    assert found.binding.startswith("traffic")
    assert 0.2 < found.fraction < 2.0  # others may have slowed either measurement


def test_the_command_measures_a_kernel(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, measured):
    monkeypatch.setattr(ceilings, "measure", lambda *_: measured)
    asked = ["--only", "wasserstein", "--seconds", "0.01", "--scale", "0.05", "--json"]
    assert command.main(asked) == 0
    (found,) = json.loads(capsys.readouterr().out)["rows"]
    assert found["rate"] > 1e5
    assert 0 < max(found["fractions"].values()) < 3


def test_every_kernel_has_a_maker():
    makers = command._chosen(None, "cpu")
    assert len(makers) == len(command.CPU)
    assert len(command._chosen(None, "gpu")) == 2
    (only,) = command._chosen(["maxwell"], "cpu")
    assert [case.unit for case in only(0.001, 2)] == ["particle"] * 3


def test_a_device_is_held_to_ceilings_made_in_jax():
    from benchmarks.roofline.of_pairs import coulomb_jax
    from benchmarks.roofline.of_particles import pic_jax

    found = jax_ceilings.measure("cpu", 0.01, 1 << 14)
    assert all(value > 0 for value in found.values())
    cases = [next(coulomb_jax(0.1, "cpu")), next(pic_jax(0.001, 1))]
    for made in cases:
        reached = row(made, best(made.call, 0.01), found)
        assert 0 < reached.fraction < 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "maxwel"], "Did you mean 'maxwell'?"),
        (["--from", "nowhere.json"], "cannot be read"),
        (["--from", "pyproject.toml"], "holds no roofline"),
        (["--device", "gpu"], "JAX finds no gpu here"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_line(arguments: list[str], says: str, capsys, monkeypatch):
    import jax

    if arguments == ["--device", "gpu"] and any(device.platform == "gpu" for device in jax.devices()):
        pytest.skip("there is a GPU")
    monkeypatch.chdir(ROOT)
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.splitlines()) <= 2


def made(fractions: dict[str, float]) -> report.Report:
    rows = (Row("kernel", "10 units", "unit", "one", 1.25e9, {"operations/float64": 3.0}, fractions),)
    every = {"bytes/24576": 1e11, "operations/float64": 5e10}
    where = {"cpu": "a processor", "gpu": None, "memory_bytes": 2**34, "system": "Linux"}
    return report.Report(
        "2026-01-02T03:04:05Z", "0123456789abcdef", False, where, {}, "cpu", "wall", 2, {"all": every}, rows
    )


def test_a_page_says_where_it_comes_from_and_is_the_same_each_time(tmp_path: Path, capsys: pytest.CaptureFixture):
    path = tmp_path / "some.json"
    path.write_text(made({"sorting": 0.7, "arithmetic": 0.2}).text())
    page = table.page(report.read(path))
    assert page == table.page(report.read(path))
    assert "2026-01-02 on a processor, 2 threads, 16 GiB" in page
    assert "commit 0123456789ab" in page
    assert (
        "| kernel (one thread) | 10 units | 1.25 G units | 3 operations | sorting, then arithmetic | 70%, 20% |" in page
    )
    table.print_table(report.read(path))
    assert "sorting" in capsys.readouterr().out


def test_a_kernel_below_the_goal_is_told_of():
    assert "**kernel.** The reason is not known yet." in table.page(made({"arithmetic": 0.1}))
    assert "**kernel.**" not in table.page(made({"arithmetic": 0.9}))


def test_the_documents_show_the_official_run():
    official = report.read(OFFICIAL)
    assert (ROOT / "docs" / "roofline.md").read_text(encoding="utf-8") == table.page(official)
    assert official.commit is not None
    assert len(official.rows) >= 25


def test_every_shortfall_of_the_official_run_has_its_reason():
    official = report.read(OFFICIAL)
    short = [row.name for row in official.rows if row.fraction < GOAL]
    assert [name for name in short if reason(name) is None] == []
    assert [start for start in REASONS if not any(row.name.startswith(start) for row in official.rows)] == []
    assert all(0 < row.fraction < 1.3 for row in official.rows)


def test_asv_and_plain_pytest_see_neither_the_roofline_nor_micro_benchmarks():
    assert {"roofline", "micro"}.isdisjoint(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    for folder in ("benchmarks/micro", "benchmarks/roofline"):
        collected = subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q", folder], cwd=ROOT, capture_output=True, text=True
        )
        assert collected.returncode == 5, collected.stdout
    assert "testpaths" in (ROOT / "pyproject.toml").read_text()


def test_help_needs_no_numbers():
    code = "import sys; from benchmarks.roofline.__main__ import _parser; _parser(); print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert {"numpy", "numba", "jax"}.isdisjoint(done.stdout.split())
