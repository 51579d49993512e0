"""What reads files of strangers, each with inputs to begin from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kineticbench.contracts.errors import CorruptFile, InvalidInput

from .mutations import as_json, as_toml, documents, files, scratched

RUN, CELL = "20260102T030405Z-0000", "0" * 64
SOLVER = '''
from dataclasses import dataclass
from typing import ClassVar
from kineticbench.contracts import Solver


@dataclass(frozen=True)
class Mine(Solver):
    """A solver that is never executed."""

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
'''


@dataclass(frozen=True)
class Target:
    """A kind of file.

    Parameters
    ----------
    inputs
        Draws the bytes of one.
    put
        Writes them into an empty folder.
    read
        Reads that folder in every way there is; raises `KineticbenchError` where it refuses.
    good
        A good input.
    """

    inputs: st.SearchStrategy[bytes]
    put: Callable[[Path, bytes], None]
    read: Callable[[Path], None]
    good: bytes


@cache
def targets() -> dict[str, Target]:
    """All of them by name."""
    return {
        "suites": _suites(),
        "records": _records(),
        "claims": _claims(),
        "checkpoints": _checkpoints(),
        "fits": _fits(),
    }


def _suites() -> Target:
    from kineticbench.engine import suite

    texts = [path.read_bytes() for path in suite.names().values()]
    tables = [tomllib.loads(text.decode()) for text in texts]

    def read(folder: Path) -> None:
        loaded = suite.load(str(folder / "suite.toml"))
        assert loaded.dataset
        loaded.model_dump_json()

    inputs = files(texts) | documents(tables).map(as_toml)
    return Target(inputs, lambda folder, held: _write(folder / "suite.toml", held), read, texts[0])


def _records() -> Target:
    from kineticbench.ranking.boards import boards
    from kineticbench.ranking.compare import compare
    from kineticbench.results import reading
    from kineticbench.results.store import Store
    from kineticbench.results.survey import Survey
    from kineticbench.site.terminal import table

    def read(folder: Path) -> None:
        found = Store(folder).read()
        again = reading.read(folder)
        survey = Survey(Store(folder))
        survey.look()
        assert [record.cell for record in found.records] == [record.cell for record in again.records]
        assert found.skipped.keys() == again.skipped.keys()
        assert all(why and "\n" not in why for why in found.skipped.values())
        Store(folder).known()
        Store(folder).new_run()
        if not found.records:
            raise InvalidInput(next(iter(found.skipped.values())))
        for record in found.records:
            again.record(again.records[0])
            record.json_text()
        list(boards(found.records))
        list(boards(again.records))
        table(found.records)
        compare(found.records, found.records)

    texts = [json.dumps(record).encode() for record in _originals()]
    inputs = files(texts) | documents(_originals()).map(as_json)
    return Target(inputs, _put_record, read, texts[0])


def _claims() -> Target:
    """Records as a submission claims them, beside honest ones."""
    from kineticbench.results.record import Record
    from kineticbench.submissions import rerun
    from kineticbench.submissions.drawing import draw
    from kineticbench.submissions.judge import judge
    from kineticbench.submissions.submission import read as submission

    honest = Record.model_validate(_originals()[0])

    def read(folder: Path) -> None:
        sent = submission(str(folder))
        settings = rerun.settings(sent, draw(sent.digest, 2, "base"))
        rerun.plan(settings, 10.0, 10**9)
        cells = [cell.id for setting in settings for cell in (*setting.cells, *setting.drawn)]
        verdict = judge(sent, settings, [honest.model_copy(update={"cell": cell}) for cell in cells])
        json.dumps([finding.__dict__ for finding in verdict.findings], allow_nan=False)
        assert not verdict.accepted  # of this code there is no record

    def put(folder: Path, held: bytes) -> None:
        _write(folder / "mine.py", SOLVER.encode())
        _put_record(folder, held)

    good = as_json(_originals()[0])
    return Target(documents(_originals()).map(as_json) | files([good]), put, read, good)


def _checkpoints() -> Target:
    from safetensors.numpy import save

    from kineticbench.catalog import PACKAGE
    from kineticbench.engine.fits import Checkpoints, stored
    from kineticbench.numerics import hamiltonian_file, pinn_file
    from kineticbench.results.checkpoint_file import require_sound

    diary = {"diary": json.dumps({"seconds": 1.0, "sessions": 1, "figures": {"loss": [1.0, 0.5]}})}
    arrays = {"a": np.arange(3.0), "b": np.zeros((2, 2), np.float32), "c": np.zeros(0)}
    small = sorted((PACKAGE / "fits").glob("*.safetensors"), key=lambda path: path.stat().st_size)[:3]
    whole = [save(arrays, diary), *(path.read_bytes() for path in small)]
    sheet = json.loads(sorted((PACKAGE / "fits").glob("*.json"))[0].read_text())

    def put(folder: Path, held: bytes) -> None:
        _write(folder / "fit.safetensors", held)
        _write(folder / ".fit.checkpoint.safetensors", held)
        told = {**sheet, "fit": "fit", "file": "fit.safetensors", "sha256": hashlib.sha256(held).hexdigest()}
        _write(folder / "fit.json", json.dumps(told).encode())

    def read(folder: Path) -> None:
        path = folder / "fit.safetensors"
        for reader in (lambda: hamiltonian_file.read(path, 8), lambda: pinn_file.read(path, 2, 8, 2)):
            try:
                reader()
            except CorruptFile:
                continue
        Checkpoints(folder / ".fit.checkpoint.safetensors", lambda *_: None).resume()
        stored("fit", [folder])
        require_sound(path)

    headers = [json.loads(held[8 : 8 + int.from_bytes(held[:8], "little")]) for held in whole]
    behind = whole[0][8 + int.from_bytes(whole[0][:8], "little") :]

    def with_header(text: bytes) -> bytes:
        return len(text).to_bytes(8, "little") + text + behind

    texts = documents(headers).map(as_json) | files([as_json(header) for header in headers])
    inputs = scratched(whole) | texts.map(with_header)
    return Target(inputs, put, read, whole[0])


def _fits() -> Target:
    from kineticbench.catalog import PACKAGE
    from kineticbench.engine.fits import stored

    weights = b"\x02\0\0\0\0\0\0\0{}"
    own = {"fit": "fit", "file": "fit.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}
    sheets = [json.loads(path.read_text()) | own for path in sorted((PACKAGE / "fits").glob("*.json"))[:3]]

    def put(folder: Path, held: bytes) -> None:
        _write(folder / "fit.json", held)
        _write(folder / "fit.safetensors", weights)

    def read(folder: Path) -> None:
        stored("fit", [folder])

    good = as_json(sheets[0])
    return Target(documents(sheets).map(as_json) | files([good]), put, read, good)


@cache
def _originals() -> list[Any]:
    """Records of a tiny board, and one that failed."""
    values = {"times": [0.5, 1.0], "mean": [0.1, 0.2], "floor": [0.0, 0.0], "bar": [0.0, 0.0]}
    blocks = [[0.1 + 0.001 * k for k in range(8)], [0.2 - 0.001 * k for k in range(8)]]
    dataset = {"name": "gaussian_ensemble", "parameters": {"particles": 16}, "split": "test", "cases": 8, "seed": 0}
    good = {
        "schema": "kineticbench/record/1", "cell": CELL, "run": RUN, "state": "ok", "reason": None,
        "trust": "self-reported", "family": "classical", "command": "kineticbench run", "diagnostics": {"a": [1.0]},
        "settings": {"dataset": dataset, "solver": {"name": "mine", "setting": "default", "parameters": {"dt": 0.1}},
                     "seed": 0, "device": "cpu", "threads": 1, "precision": "float64"},
        "limits": {"seconds": 10.0, "bytes": 10**9}, "code": {"hash": "c" * 64, "commit": None, "dirty": False},
        "fit": {"code": None, "id": None, "amortised": False, "data_s": 0.0, "fit_s": 0.0, "hardware": "a",
                "file": None, "restored": False},
        "solve": {"cases": 8, "problem_s": 0.1, "cold_s": 0.2, "fresh": True, "warm_s": [0.01, 0.02], "home_s": [0.001],
                  "peak_bytes": 10**8, "baseline_bytes": 10**7, "kernel_s": [0.01, 0.011], "noisy": False},
        "metrics": {"code": "e" * 64, "names": ["w1"], "values": {"w1": {**values, "blocks": blocks}}, "missing": {}},
        "hardware": {"id": "a", "cpu": "a", "cores": 2}, "packages": {"numpy": "2.3"},
        "stored": {"solution": None, "log": None, "pictures": None},
    }  # fmt: skip
    failed = {**good, "state": "timeout", "reason": "It took too long.", "solve": None, "metrics": None, "fit": None}
    return [good, failed]


def _put_record(folder: Path, held: bytes) -> None:
    """Write a record under the usual name, and under the one that it says it has, where that can be one."""
    _write(folder / f"{CELL}.{RUN}.json", held)
    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
        told = json.loads(held)
        own = f"{told['cell']}.{told['run']}.json"
        if own.isascii() and "/" not in own and "\0" not in own and len(own) < 200:
            _write(folder / own, held)


def _write(path: Path, held: bytes) -> None:
    path.write_bytes(held)
