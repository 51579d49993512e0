"""The cache of arrays: whole or not at all, verified, shared, and never in the way."""

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

from kineticbench.contracts import CorruptFile
from kineticbench.numerics import cache
from kineticbench.numerics.cache import CacheWarning, cached

KEY = {"version": 1, "particles": 8, "sigma": [0.5, 1.5]}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    chosen = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(chosen))
    return chosen


def maker(value=1.0):
    calls = []

    def make():
        calls.append(1)
        arrays = {"positions": np.full((3, 4), value), "ids": np.arange(5, dtype=np.int32)}
        return arrays, {"bars": [0.0, value]}

    return make, calls


def entry_folder(folder):
    (found,) = [path for path in folder.iterdir() if path.is_dir()]
    return found


def test_made_once_and_read_back_with_what_it_cost():
    make, calls = maker()
    first = cached("thing", KEY, make, "machine-7")
    again = cached("thing", dict(reversed(KEY.items())), make, "another")
    assert len(calls) == 1
    assert again.arrays.keys() == first.arrays.keys()
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
        assert again.arrays[name].dtype == array.dtype
    assert (again.seconds, again.hardware, again.notes) == (first.seconds, "machine-7", {"bars": [0.0, 1.0]})


def test_other_parameters_and_kinds_are_other_entries():
    make, calls = maker()
    for kind, key in (("thing", KEY), ("thing", {**KEY, "version": 2}), ("other", KEY)):
        cached(kind, key, make)
    assert len(calls) == 3


def test_preparation_is_outside_the_clock_and_left_out_where_nothing_is_made():
    prepared = []

    def prepare():
        import time

        prepared.append(1)
        time.sleep(0.2)

    make, _ = maker()
    assert cached("thing", KEY, make, prepare=prepare).seconds < 0.1
    cached("thing", KEY, make, prepare=prepare)
    assert len(prepared) == 1


def flip(path, where):
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: flip(entry / "positions.npy", -3),
        lambda entry: flip(entry / "positions.npy", 20),
        lambda entry: (entry / "ids.npy").write_bytes(b""),
        lambda entry: (entry / "ids.npy").unlink(),
        lambda entry: (entry / "entry.json").write_text("{"),
        lambda entry: (entry / "entry.json").write_text("[]"),
        lambda entry: (entry / "entry.json").unlink(),
        lambda entry: (entry / "entry.json").write_text(
            json.dumps({**json.loads((entry / "entry.json").read_text()), "made_from": "something else"})
        ),
    ],
)
def test_a_damaged_entry_is_named_and_made_again(folder, damage):
    make, calls = maker()
    cached("thing", KEY, make)
    damage(entry_folder(folder))
    with pytest.raises(CorruptFile):
        cache.read(entry_folder(folder), "whatever was asked for")
    with pytest.warns(CacheWarning, match=r"thing-.*made again"):
        mended = cached("thing", KEY, make)
    np.testing.assert_array_equal(mended.arrays["positions"], np.ones((3, 4)))
    cached("thing", KEY, make)
    assert len(calls) == 2


def test_an_unusable_folder_is_reported_and_does_not_stop_the_work(folder, monkeypatch):
    folder.parent.joinpath("file").write_text("not a folder")
    monkeypatch.setenv(cache.VARIABLE, str(folder.parent / "file" / "cache"))
    make, calls = maker(3.0)
    for _ in range(2):
        with pytest.warns(CacheWarning, match=f"not kept .* Set {cache.VARIABLE}"):
            entry = cached("thing", KEY, make)
        assert entry.arrays["positions"][0, 0] == 3.0
    assert len(calls) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_reported(folder):
    folder.mkdir(mode=0o500)
    with pytest.warns(CacheWarning, match="Permission denied"):
        cached("thing", KEY, maker()[0])


def in_process(folder, code, **options):
    environment = {**os.environ, cache.VARIABLE: str(folder)}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, **options
    )


WRITE_MUCH = """
    import numpy as np, warnings
    from kineticbench.numerics.cache import cached
    entry = cached("thing", {"n": 1}, lambda: ({"small": np.ones(4), "large": np.ones(1 << 18)}, {}))
    print(entry.arrays["large"].sum())
"""


def test_a_full_disk_leaves_no_torn_file(folder):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = in_process(folder, WRITE_MUCH, preexec_fn=limit, check=True)
    assert float(done.stdout) == 1 << 18
    assert "the disk is full" in done.stderr
    assert [path.name for path in folder.iterdir() if not path.name.endswith(".lock")] == []
    assert in_process(folder, WRITE_MUCH, check=True).stderr == ""
    assert entry_folder(folder).joinpath("large.npy").stat().st_size > 1 << 21


def test_a_writer_killed_half_way_leaves_nothing_that_is_read(folder):
    killed = in_process(
        folder,
        """
        import os, signal
        import numpy as np
        from kineticbench.numerics import cache
        save = cache._save
        def save_and_die(path, array):
            sum_ = save(path, array)
            os.kill(os.getpid(), signal.SIGKILL)
            return sum_
        cache._save = save_and_die
        cache.cached("thing", {"n": 1}, lambda: ({"small": np.ones(4), "large": np.ones(1 << 18)}, {}))
        """,
    )
    assert killed.returncode == -signal.SIGKILL
    assert any(".part-" in path.name for path in folder.iterdir())
    assert in_process(folder, WRITE_MUCH, check=True).stderr == ""
    assert not any(".part-" in path.name for path in folder.iterdir())
    assert cache.read(entry_folder(folder)) is not None


def ask(queue, barrier):
    def make():
        import time

        time.sleep(0.3)
        return {"of": np.array([os.getpid()])}, {}

    barrier.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        queue.put(int(cached("thing", KEY, make).arrays["of"][0]))


def test_processes_that_ask_at_once_share_one_making():
    context = multiprocessing.get_context("spawn")
    queue, barrier = context.Queue(), context.Barrier(3)
    processes = [context.Process(target=ask, args=(queue, barrier)) for _ in range(3)]
    for process in processes:
        process.start()
    makers = {queue.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(60)
    assert len(makers) == 1


def test_the_folder_is_the_systems_where_none_is_chosen(monkeypatch):
    monkeypatch.delenv(cache.VARIABLE)
    assert cache.folder().name == "kineticbench"
