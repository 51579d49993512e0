"""Blocks of cases and pairs of snapshots give the scores of the whole, within the memory that they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from stream_answers import AUTHOR, hdf5, stream

from kineticbench.contracts import InvalidInput, Solution, Trajectory
from kineticbench.engine import scoring
from kineticbench.engine.cell import PlugInSetting
from kineticbench.openpmd import blocks, submission
from kineticbench.openpmd.export import Order, export, pose
from kineticbench.openpmd.reading import write_solution
from kineticbench.openpmd.source import Source


def source_of(path: Path, tmp_path: Path) -> Source:
    from kineticbench.openpmd.examine import examined
    from kineticbench.openpmd.layout import manifest
    from kineticbench.openpmd.unpack import Unpacker

    with (tmp_path / "copy").open("wb") as copy, examined(path) as root:
        return Source(manifest(root, Unpacker(copy)), path, tmp_path / "copy")


@pytest.fixture
def large(dataset: str, tmp_path: Path):
    """A hundred and fifty cases at four times, wrong by a shift of the momenta."""
    problem = pose(Order(dataset, {"particles": 7, "snapshots": 3}, cases=150))
    path = tmp_path / "large.h5"
    solution = stream(problem, 0.5)
    write_solution(path, solution, problem, AUTHOR)
    return problem, solution, source_of(path, tmp_path)


def memory(source: Source, cases: float, snapshots: int = 4, times: int = 4) -> int:
    """Just enough for so many cases."""
    one = 8 * source.particles * (2 * 2 + 1)
    each = one * (blocks._SNAPSHOT * snapshots + blocks._REFERENCE * times + blocks._AT_ONCE)
    return int(each * cases) + blocks.HEADROOM


@pytest.mark.parametrize(("room", "shape"), [((1e9,), (1, 1)), ((70,), (3, 1)), ((0.9, 4), (150, 3))])
def test_they_give_the_scores_of_the_whole(room: tuple[Any, ...], shape: tuple[int, int], large):
    problem, solution, source = large
    dataset = PlugInSetting(problem.description.dataset, problem.description.parameters).build("datasets")
    made = blocks.plan(source, problem.problem, 0, memory(source, *room))
    assert (len(made.blocks), len(made.pairs)) == shape
    found = blocks.score(dataset, problem.problem, source, [0, 1, 2, 3], made)
    whole = scoring.score(dataset, problem.problem, dataset.reference(problem.problem), solution)
    assert found.names == whole.names
    assert found.missing == whole.missing
    for name, values in whole.values.items():
        for part in ("times", "mean", "floor", "bar", "blocks"):
            mine = np.array(getattr(found.values[name], part), float)
            assert mine == pytest.approx(np.array(getattr(values, part), float), rel=1e-14, abs=1e-15), (name, part)


def test_what_does_not_fit_says_what_it_needs(large):
    problem, _, source = large
    with pytest.raises(InvalidInput, match=r"To score it takes 0\.40 GB .* 0\.30 GB are allowed\. Give --memory 0\.5"):
        blocks.plan(source, problem.problem, 0, 300_000_000)


def test_cases_that_a_metric_cannot_do_without(large, monkeypatch: pytest.MonkeyPatch):
    """The first cases only, of which a block holds too few: no score rather than another one."""
    from kineticbench import metrics
    from kineticbench.metrics.phase_space import PhaseSpaceW2

    problem, _, source = large
    dataset = PlugInSetting(problem.description.dataset, problem.description.parameters).build("datasets")
    monkeypatch.setattr(metrics, "load", lambda name: PhaseSpaceW2(cases=20))
    monkeypatch.setattr(type(dataset), "metrics", ("w1_momentum",))
    for cases, scored in ((70, True), (30, False)):
        made = blocks.plan(source, problem.problem, 0, memory(source, cases))
        found = blocks.score(dataset, problem.problem, source, [0, 1, 2, 3], made)
        assert bool(found.values) is scored, found.missing
    assert "give more --memory" in found.missing["w1_momentum"]


def sparse(path: Path, count: int) -> None:
    """Iterations of zeros that take no room on the disk, where the file system knows holes."""
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(path, "r+") as file:
        for number, time in ((1, 0.5), (2, 1.0)):
            group = file.create_group(f"data/{number}/particles/plasma")
            file[f"data/{number}"].attrs["time"] = np.float64(time)
            for record in ("position", "momentum"):
                space = h5py.h5s.create_simple((count,))
                made = group.create_group(record)
                h5py.h5d.create(made.id, b"x", h5py.h5t.IEEE_F64LE, space, plan)
        solver = file.create_group("kineticbench/solver")
        for name in ("name", "version", "author", "hardware"):
            solver.attrs[name] = np.bytes_(AUTHOR[name].encode())


@pytest.mark.slow
def test_a_large_file_is_streamed(dataset: str, tmp_path: Path):
    """Two hundred megabytes within nine hundred of memory, most of which libraries take; at once it would take 4 GB."""
    cases, particles = 500, 8000
    path = tmp_path / "large.h5"
    export(Order(dataset, {"particles": particles}, cases=cases), path)
    sparse(path, cases * particles)
    assert path.stat().st_size > 190_000_000
    room = submission.Room(memory=900_000_000, seconds=300.0)
    processes, told = submission.Processes(room), []
    record = submission.score(path, None, processes, say=told.append)
    assert record.metrics is not None
    assert len(record.metrics.values["w1_momentum"].blocks[0]) == 64
    assert 0 < processes.peaks["rate"] <= room.memory
    assert 0 < processes.peaks["parse"] < 250_000_000


def test_a_solution_without_particles(dataset: str, tmp_path: Path):
    problem = pose(Order("landau_damping", {}, particles=10))
    path = tmp_path / "series.h5"
    mode = np.exp((-0.15 + 1.4j) * problem.problem.query.series)[None]
    write_solution(path, Solution(series={"field_mode": mode}), problem, AUTHOR)
    source = source_of(path, tmp_path)
    found = source.solution(source.matching(problem.problem.query.times.tolist()), slice(0, 1), False)
    assert found.trajectory is None
    assert (found.series["field_mode"] == mode).all()
    assert source.precision == "float64"


def test_iterations_that_differ(posed, tmp_path: Path):
    problem = posed()
    solution = stream(problem)
    assert solution.trajectory is not None
    path = tmp_path / "a.h5"
    write_solution(path, Solution(Trajectory(*vars(solution.trajectory).values())), problem, AUTHOR)
    with h5py.File(path, "r+") as file:
        del file["data/2/particles/plasma"]
    with pytest.raises(InvalidInput, match="some have none"):
        source_of(path, tmp_path).solution([0, 1, 2], slice(0, 3), False)


def test_iterations_in_another_order_than_time(dataset: str, tmp_path: Path):
    """A density at points follows the query's times, particles the iterations' own."""
    problem = pose(Order("bkw", {"cells": 4}, particles=8))
    random = np.random.default_rng(2)
    velocities, density = random.random((4, 1, 8, 2)), random.random((4, 1, 16))
    path = tmp_path / "a.h5"
    write_solution(path, Solution(Trajectory(None, velocities, np.ones((1, 8))), density=density), problem, AUTHOR)
    with hdf5(path, "r+") as file:
        for old, new in (("3", "10"), ("1", "30"), ("10", "1")):
            file.move(f"data/{old}", f"data/{new}")
    source = source_of(path, tmp_path)
    chosen = source.matching(problem.problem.query.times.tolist())
    assert chosen == [0, 3, 2, 1]
    whole = source.solution(chosen, slice(0, 1), True)
    pair = source.solution([chosen[0], chosen[3]], slice(0, 1), True, rows=[0, 3])
    assert whole.trajectory is not None
    assert pair.trajectory is not None
    assert (whole.trajectory.velocities == velocities).all()
    assert (pair.trajectory.velocities == velocities[[0, 3]]).all()
    assert (pair.density == density[[0, 3]]).all()


def test_an_answer_of_another_shape_is_bad_input_in_blocks_too(large):
    problem, _, source = large
    dataset = PlugInSetting(problem.description.dataset, problem.description.parameters).build("datasets")
    series = np.zeros((150, 5))
    whole = source.solution
    source.solution = lambda *given, **named: replace(whole(*given, **named), series={"mass": series})  # type: ignore[method-assign]
    made = blocks.Plan([slice(0, 70), slice(70, 150)], [[0, 1], [0, 2], [0, 3]], 0)
    for bad in (0.0, np.nan):
        series[:] = bad
        with pytest.raises(InvalidInput, match="series 'mass' must have shape"):
            blocks.score(dataset, problem.problem, source, [0, 1, 2, 3], made)
