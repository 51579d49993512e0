"""Workers are held to the cores that are asked for, and everything else keeps off these."""

from __future__ import annotations

import os

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.engine import cores
from kineticbench.engine import run as running
from kineticbench.engine.environment import hardware
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan

BODY = (
    "parent = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1]); "
    "diagnostics['worker'] = np.array(sorted(os.sched_getaffinity(0))); "
    "diagnostics['keeper'] = np.array(sorted(os.sched_getaffinity(os.getppid()))); "
    "diagnostics['engine'] = np.array(sorted(os.sched_getaffinity(parent)))"
)


def listed(figure) -> list[float]:
    return figure if isinstance(figure, list) else [figure]


@pytest.fixture
def four(monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: (0, 1, 2, 3))


def test_lists_of_cores(four):
    assert cores.chosen("2,0", 1) == (2, 0)
    assert cores.chosen("auto", 2) == (2, 3)
    assert cores.chosen("auto", 2, lanes=2) == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("text", "threads", "words"),
    [
        ("0,x", 1, "takes a list of cores, got '0,x'"),
        ("", 1, "takes a list"),
        ("0,7", 1, "Usable are 0,1,2,3"),
        ("1,1", 1, "at most once"),
        ("3", 2, "1 of the 2 cores"),
    ],
)
def test_lists_that_cannot_be_meant(four, text, threads, words):
    with pytest.raises(InvalidInput, match=words):
        cores.chosen(text, threads)


def test_a_system_without_cores_says_so(monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: None)
    with pytest.raises(InvalidInput, match="cannot hold processes to cores"):
        cores.chosen("0", 1)
    assert cores.share((), 1, 0) is None


def test_workers_side_by_side_get_cores_of_their_own(four):
    assert [cores.share((), 1, lane) for lane in range(5)] == [(3,), (2,), (1,), (0,), (3,)]
    assert [cores.share((), 2, lane) for lane in range(2)] == [(2, 3), (0, 1)]
    assert cores.share((), 4, 1) is None
    assert [cores.share((1, 0, 3), 1, lane) for lane in range(3)] == [(1,), (0,), (3,)]
    assert cores.share((1, 0, 3), 2, 1) == (0, 1)


@pytest.mark.skipif(len(cores.usable() or ()) < 2, reason="needs two cores")
@pytest.mark.parametrize("pinned", [True, False])
def test_the_engine_keeps_off_pinned_cores(lab, pinned):
    given = cores.usable()
    assert given is not None
    suite = lab.suite(lab.solver("where", BODY))
    executor = Local(1, given[:1] if pinned else ())
    (record,) = running.run(jobs(plan(suite), suite, lab.store.folder), lab.store, executor, lambda *_: None)
    worker = [given[0]] if pinned else [given[-1]]
    others = list(given[1:] if pinned else given)
    assert record.solve is not None
    assert record.solve.cores == worker
    assert listed(record.diagnostics["worker"]) == worker
    assert listed(record.diagnostics["keeper"]) == others
    assert listed(record.diagnostics["engine"]) == others
    assert record.fit is not None
    assert record.fit.hardware == record.hardware.id == hardware()["id"]
    assert sorted(os.sched_getaffinity(0)) == list(given)


def test_a_worker_that_needs_all_cores_is_held_to_none(lab):
    count = len(cores.usable() or ()) or 1
    suite = lab.suite(lab.solver("where"), threads=[count])
    (record,) = running.run(jobs(plan(suite), suite, lab.store.folder), lab.store, Local(), lambda *_: None)
    assert record.solve is not None
    assert record.solve.cores is None
