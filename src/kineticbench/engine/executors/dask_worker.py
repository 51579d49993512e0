"""What a Dask worker does: it passes a job on to a worker process of ours and records on the spot what becomes of it.

Everything that a Dask worker is asked to do is here, and imports no Dask unless it runs there. Jobs arrive as JSON.
Where the results folder of the engine is seen, the record is written before the answer leaves, so that neither the
loss of this worker nor that of the scheduler or the engine undoes a finished cell; elsewhere the files travel home.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import threading
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from ...contracts.errors import KineticbenchError
from ...results.record import Record
from ...results.store import Store
from ..code import module_hash
from ..environment import Machine, commit
from ..plan import Job
from ..recorder import Recorder
from ..writer import write_whole
from .dask_lanes import Lanes

_ENGINE = ("kineticbench.engine.executors.dask_worker", "kineticbench.engine.keeper", "kineticbench.engine.worker")


@cache
def engine_code() -> str:
    """Hash of the code that runs cells, plug-ins apart, as it was when this process first asked."""
    return "-".join(module_hash(module)[:12] for module in _ENGINE)


def greet() -> dict[str, Any]:
    """Who this worker is."""
    return {"host": socket.gethostname(), "machine": asdict(Machine.here()), "code": engine_code()}


def token_path(results: Path, run: str) -> Path:
    """The file by which a worker knows that it sees the results folder of the engine."""
    return results / f".{run}.run"


def sees(results: str, run: str) -> bool:
    """Whether this worker sees the results folder of the engine."""
    return token_path(Path(results), run).is_file()


def dask_setup(_worker: Any) -> None:
    """Leave Ctrl-C to the engine, where Dask loads this module beforehand (`preload`)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_LANES = Lanes()
_RECORDERS: dict[str, Recorder] = {}


def end(run: str, dask_worker: Any = None) -> None:
    """End a run here; returns at once."""
    scratch = _scratch(dask_worker, run)

    def work() -> None:
        _LANES.end(run)
        _RECORDERS.pop(run, None)
        shutil.rmtree(scratch, ignore_errors=True)

    threading.Thread(target=work, daemon=True).start()


def attempt(text: str, fits: dict[str, bytes]) -> dict[str, Any]:
    """Run a job and answer with its record.

    Parameters
    ----------
    text
        JSON: "job", its message; "run", which names the run; "command"; "engine" and "code", the hashes that the code
        of kineticbench and of the plug-ins must have here.
    fits
        Files that may be wanted where the results folder is not seen.

    Returns
    -------
    dict
        "record", its JSON, with the "files" (by name in the results folder) that are not there yet and what could
        not be stored ("failure"). Or why there is none: "refused" for another version of the code, "impossible" for
        whatever else is wrong with this "worker", "ended" where the run was ended, "elsewhere" where another run has
        the cell.
    """
    from distributed import get_worker

    order, worker = json.loads(text), get_worker()
    job, run = Job.of_message(order["job"]), order["run"]
    _forget_dasks_environment()
    try:
        shared = token_path(job.results, run).is_file()
        folder = job.results if shared else _scratch(worker, run)
        store = Store(folder)
        made = store.record_path(job.cell.id, job.run)
        if made.is_file():  # by a worker that was lost before it could answer
            return {"record": made.read_text(), "files": {}}
        if not shared:
            store.prepare()
        if run not in _RECORDERS:
            commit.cache_clear()  # a Dask worker outlives many commits
            _RECORDERS[run] = Recorder(store, order["command"])
        recorder = _RECORDERS[run]
        refusal = _refusal(order, job, recorder)
        if refusal is not None:
            return {"refused": refusal, "worker": worker.address}
        _unpack(store, fits)

        def say(message: dict[str, Any]) -> None:
            worker.log_event(run, {"attempt": job.run, **message})

        say({"event": "begun", "machine": asdict(Machine.here()), "shared": shared})
        outcome = _LANES.run(run, replace(job, results=folder), say)
        if outcome is None:
            return {"ended": True}
        if outcome.elsewhere:
            return {"elsewhere": True}
        failure = outcome.measured.get("storage_error", {}).get("text")
        record = recorder.record(job, outcome)
        write_whole(store, record, outcome.log)
        outcome.release()
        files = {} if shared else _pack(store, record, fits)
        return {"record": record.json_text(), "files": files, "failure": failure}
    except KineticbenchError as error:
        return {"impossible": str(error), "worker": worker.address}


def _refusal(order: dict[str, Any], job: Job, recorder: Recorder) -> str | None:
    if order["engine"] != engine_code():
        return mismatch(Machine.here())
    try:
        code, _ = recorder.provenance.of(job.cell, job.fresh)
    except (OSError, KineticbenchError) as error:
        return f"A plug-in is not found there: {error}"
    if code != order["code"]:
        return f"The code of {job.cell.solver.name} or of {job.cell.dataset.name} is another there."
    return None


def mismatch(there: Machine) -> str:
    """A sentence that says what version of kineticbench a machine has."""
    return f"It has other code of kineticbench ({version(there)}) than this machine."


def version(machine: Machine) -> str:
    """Version and commit of kineticbench on a machine."""
    head = f", commit {machine.commit[:10]}{' with changes' if machine.dirty else ''}" if machine.commit else ""
    return f"version {machine.packages.get('kineticbench', 'unknown')}{head}"


def _forget_dasks_environment() -> None:
    """Take back what Dask sets for its own process, lest solvers allocate memory otherwise than elsewhere."""
    import dask.config as settings

    for name, value in settings.get("distributed.nanny.pre-spawn-environ", {}).items():
        if os.environ.get(name) == str(value):
            del os.environ[name]


def _scratch(worker: Any, run: str) -> Path:
    return Path(worker.local_directory) / "kineticbench" / run


def _unpack(store: Store, fits: dict[str, bytes]) -> None:
    for name, content in fits.items():
        path = store.fits / name
        if not path.exists():
            part = path.with_name(f".{name}.{threading.get_ident()}.part")
            part.write_bytes(content)
            part.replace(path)


def _pack(store: Store, record: Record, fits: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a record that the engine's folder lacks; solution, log and pictures are gone here afterwards."""
    files: dict[str, bytes] = {}
    solution = record.stored.solution.file if record.stored.solution else None
    for name in filter(None, (solution, record.stored.log, record.stored.pictures)):
        path = store.folder / name
        files[name] = path.read_bytes()
        with contextlib.suppress(OSError):
            path.unlink()
    if record.fit is not None and record.fit.id is not None:
        for name in (f"{record.fit.id}.safetensors", f"{record.fit.id}.json"):
            path = store.fits / name
            if path.is_file() and (content := path.read_bytes()) != fits.get(name):
                files[f"fits/{name}"] = content
    return files
