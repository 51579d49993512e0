"""Orders of convergence and the papers' figures: fitted rightly, kept as measured, read from records."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.validation import __main__ as command
from handbook import convergence, papers, studies
from handbook.convergence import Curve

from kineticbench.ranking.boards import boards
from kineticbench.results.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def official():
    return boards(Store(ROOT / "leaderboard" / "records").read().records)


def test_the_order_of_a_power_law_is_found():
    sizes = [10.0, 20.0, 40.0, 80.0]
    exact = Curve("exact", sizes, [3 * n**-2.0 for n in sizes], 2.0)
    assert exact.order == pytest.approx(2.0)
    assert exact.uncertainty == pytest.approx(0.0, abs=1e-6)
    assert exact.holds
    assert not Curve("slow", sizes, [3 * n**-1.0 for n in sizes], 2.0).holds
    assert Curve("two", sizes[:2], [1.0, 0.5], 1.0).uncertainty is None


def test_the_error_of_the_fit_is_that_of_a_least_squares_line():
    sizes, noise = np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.array([0.1, -0.2, 0.15, 0.0, -0.1])
    one = Curve("noisy", sizes.tolist(), np.exp(-1.5 * np.log(sizes) + noise).tolist(), 1.5)
    slope, covariance = np.polyfit(np.log(sizes), -1.5 * np.log(sizes) + noise, 1, cov=True)
    assert one.order == pytest.approx(-slope[0])
    assert one.uncertainty == pytest.approx(covariance[0, 0] ** 0.5)


def test_faster_than_any_power_needs_a_rising_order():
    sizes = [8.0, 16.0, 24.0]
    assert Curve("spectral", sizes, [np.exp(-n) for n in sizes], None).holds
    assert not Curve("power", sizes, [n**-6.0 * (1 + 0.01 * n) for n in sizes], None).holds


def test_kept_runs_have_the_orders_that_theory_says():
    kept = convergence.measured(ROOT / "benchmarks" / "validation" / "measured.json")
    assert {study.key.replace("-", "_") for study in kept} == set(command.STUDIES)
    for study in kept:
        for one in study.curves:
            assert one.holds, (study.title, one.name, one.order)


@pytest.mark.parametrize("name", ["pic_steps", "landau_grid_steps"])
def test_a_run_repeats_what_is_kept(name, tmp_path):
    assert command.main(["--only", name, "--output", str(tmp_path / "again.json")]) == 0
    (again,) = json.loads((tmp_path / "again.json").read_text())["studies"]
    kept = json.loads((ROOT / "benchmarks" / "validation" / "measured.json").read_text(encoding="utf-8"))["studies"]
    (before,) = [study for study in kept if study["key"] == again["key"]]
    for one, other in zip(again["curves"], before["curves"], strict=True):
        np.testing.assert_allclose(one["errors"], other["errors"], rtol=1e-3)


def test_official_records_have_the_orders_that_theory_says(official):
    found = studies.from_records(official)
    assert {study.key for study in found} >= {"blob-2d", "sheets", "landau-grid-cells"}
    for study in found:
        for one in study.curves:
            assert one.holds, (study.title, one.name, one.order, one.between)


def test_every_study_has_a_picture_and_a_row(official):
    asked = studies.from_records(official)
    text = convergence.sections(asked)
    for study in asked:
        assert f"{study.key}.svg" in text
        drawn = convergence.picture(study)
        assert drawn.startswith("<svg")
        assert all(f">{one.name}<" in drawn for one in study.curves), "a name of at most 14 letters is not cut"
    rows = [line for line in text.splitlines() if line.startswith("| ") and ("| yes |" in line or "**no**" in line)]
    assert len(rows) == sum(len(study.curves) for study in asked)


def test_nothing_is_drawn_without_records():
    assert studies.from_records([]) == []


def test_the_papers_stand_beside_ours(official):
    known = papers.quoted()
    beside = papers.hamiltonian_flow(official)
    board = studies.chosen(official, "gaussian_ensemble", generator="published")
    assert board is not None
    rows = [line for line in beside.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) == sum(2 * len(run["times"]) for run in known["pde_nhf"]["run"])
    assert all("–" not in row.rsplit("|", 2)[1] for row in rows), "a record has every time of the paper"
    assert "0.07800" in beside
    assert "pinn" in papers.landau_particles(official)
    assert f"{known['sbtm']['density_l2']:g}" in papers.score_transport(official)
    assert "their code" in papers.hamiltonian_flow_cost(official)


def test_without_records_only_the_papers_stand():
    rows = papers.hamiltonian_flow([]).splitlines()
    assert rows[-1].rsplit("|", 2)[1].strip() == "–"
    assert papers.landau_particles([]) == papers.NONE
