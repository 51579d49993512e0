"""A job for the second process says what the first one knows, and the process does it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from kineticbench.results.reading import read
from kineticbench.site.board_data import record_name
from kineticbench.site.shard_job import job, shards_of
from kineticbench.site.shards import Shard


def shards(folder) -> list[Shard]:
    made = []
    for prefix in sorted({record.cell[:2] for record in read(folder).records}):
        held = tuple(record for record in read(folder).records if record.cell[:2] == prefix)
        names = [record_name(record) for record in held]
        made.append(Shard(prefix, held, {names[0]: [(0, names[0]), (1, "ü\u2028")]}, frozenset(names), frozenset()))
    return made


def test_a_job_holds_all_but_the_figures(folder):
    given = shards(folder)
    where, found = shards_of(job(folder, given))
    assert where == folder
    light = [
        replace(it, held=tuple(replace(one, metrics=None, solve=None, fit=None) for one in it.held)) for it in given
    ]
    assert found == light
    assert [it.script(folder) for it in found[:5]] == [it.script(folder) for it in given[:5]]


def test_the_process_writes_the_scripts(folder, tmp_path):
    given = shards(folder)[:3]
    done = subprocess.run(
        [sys.executable, "-m", "kineticbench.site.shard_helper", str(tmp_path)],
        input=job(folder, given), capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        f"{it.prefix}.js": it.script(folder) for it in given
    }
