"""What a solver does once: where it may compute, what it tells meanwhile, and what is kept of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from ..contracts import InvalidInput, KineticbenchError, Precision, TrainedPropagator, TrainedSolver, Unsupported
from .comparing import farthest
from .outcome import Broken, NotAsked, refused, required
from .problems import problem
from .solver_subject import SolverSubject, asked

PRECISIONS: tuple[tuple[Precision, float], ...] = (("float64", 1e-6), ("float32", 1e-3))


def device(subject: SolverSubject, kind: str) -> None:
    """Asked for a GPU where there is none, it says so and does not compute elsewhere."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") == ""
    if shutil.which("nvidia-smi") is not None and not hidden:
        raise NotAsked("There is a GPU.")
    error = refused(
        lambda: subject.fit(kind, device="gpu"), (Unsupported, InvalidInput), "fit(device='gpu') must raise Unsupported"
    )
    names_it = re.search(r"gpu|cpu|cuda|device", str(error), flags=re.IGNORECASE)
    required(names_it is not None, f"fit(device='gpu') raised {error!r}, which does not say that it is the device.")


def progress(subject: SolverSubject, kind: str) -> None:
    """A method that learns tells of its progress while it does."""
    if not isinstance(subject.cheapest(kind), TrainedSolver):
        raise NotAsked("It learns nothing that is kept.")
    subject.fitted(kind)
    required(subject.heard(kind).reports > 0, "fit() never called progress.report().")


def kept_fit(subject: SolverSubject, kind: str) -> None:
    """A fit that is saved is safetensors and restored with the same answers, in either precision."""
    solver, propagator = subject.cheapest(kind), subject.fitted(kind)
    trained = isinstance(solver, TrainedSolver)
    required(
        isinstance(propagator, TrainedPropagator) == trained,
        f"{type(solver).__name__} is {'a' if trained else 'no'} TrainedSolver, and what fit() gave, a "
        f"{type(propagator).__name__}, is {'no' if trained else 'a'} TrainedPropagator.",
        "Let a TrainedSolver, and only that, give a TrainedPropagator.",
    )
    if not isinstance(propagator, TrainedPropagator) or not isinstance(solver, TrainedSolver):
        raise NotAsked("It learns nothing that is kept.")
    ensemble, posed, before = subject.particles(kind), problem(kind), subject.moving(kind)
    seen = posed.without_start() if solver.amortised else posed
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fit.safetensors"
        propagator.save(path)
        _require_safetensors(path)
        for precision, tolerance in PRECISIONS:
            restored = asked(solver.restore(path, seen, "cpu", precision), ensemble, posed.query).trajectory
            if restored is None:
                raise Broken("The restored fit returns no particles.")
            for name in ("positions", "velocities"):
                if getattr(before, name) is not None:
                    after = getattr(restored, name)
                    gap = farthest(after, getattr(before, name))
                    required(gap < tolerance, f"Restored in {precision}, {name} are off by {gap:.1e}.")
                    required(after.dtype == precision, f"Restored in {precision}, {name} are {after.dtype}.")
        path.write_bytes(b"{}")
        refused(
            lambda: solver.restore(path, seen, "cpu", "float64"),
            (KineticbenchError,),
            "restore() must raise CorruptFile for a torn file",
        )


def _require_safetensors(path: Path) -> None:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise Broken("save() wrote no file where it was told to.")
    try:
        with safe_open(path, framework="numpy") as kept:
            arrays = list(kept.keys())
    except (SafetensorError, OSError) as error:
        raise Broken(f"save() wrote no safetensors: {error}.") from None
    required(bool(arrays), "save() wrote a file with no arrays in it.")
