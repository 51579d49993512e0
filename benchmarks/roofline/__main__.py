"""How near hot kernels come to what this machine can do: `python -m benchmarks.roofline`, or `make roofline`.

Measures the ceilings of the machine, counts what each kernel takes at least, times it, and prints what part of the
ceiling that binds it reaches, and why where that is little. About three minutes on two cores; leave the machine alone
meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .model import Case, row

ROUNDS = 2  # of ceilings and kernels in turn, the best of which count: a machine is not always at the same speed
CPU = (
    *("of_particles.pic_streaming", "of_particles.pic_resident", "of_particles.pic_jax"),
    *("of_pairs.coulomb", "of_pairs.random_batches", "of_pairs.maxwell", "of_pairs.blob_mesh", "of_pairs.blob_pairs"),
    *(
        "of_grids.kernel_estimates",
        "of_particles.wasserstein",
        "of_particles.sheets_events",
        "of_particles.sheets_leapfrog",
    ),
    *("of_grids.vlasov", "of_grids.landau", "of_pairs.score", "of_particles.flow", "of_pairs.grazing"),
)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    from kineticbench.contracts import InvalidInput

    asked = _parser().parse_args(arguments)
    try:
        _answer(asked)
    except InvalidInput as error:
        print(f"roofline: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.roofline", description=(__doc__ or "").partition("\n\n")[0]
    )
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="gpu: kernels in JAX and its ceilings")
    parser.add_argument("--only", nargs="+", metavar="KERNEL", help=f"of {', '.join(c.partition('.')[2] for c in CPU)}")
    parser.add_argument("--seconds", type=float, default=1.0, help="least time for each measurement")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes; for trying it out")
    parser.add_argument("--threads", type=int, help="threads and cores; all of them unless given")
    parser.add_argument("--shared", action="store_true", help="one thread by the processor's clock: others are at work")
    parser.add_argument("--from", dest="file", type=Path, help="show a file that --json has written; measure nothing")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print what was found as JSON")
    shown.add_argument("--page", action="store_true", help="print it as docs/roofline.md has it")
    return parser


def _answer(asked: argparse.Namespace) -> None:
    from . import clock, report, table

    if asked.file:
        shown = report.read(asked.file)
    else:
        threads = _held(1 if asked.shared else asked.threads)
        clock.chosen = "processor" if asked.shared else "wall"
        kinds = _chosen(asked.only, asked.device)
        threads = 1 if asked.device == "gpu" else threads
        ceilings: dict[str, dict[str, float]] = {"one": {}, "all": {}}
        cases: dict[tuple[str, str], tuple[Case, float]] = {}
        for _ in range(ROUNDS):
            for kind, found in _limits(asked.device, threads, asked.seconds).items():
                ceilings[kind] |= {name: max(value, ceilings[kind].get(name, 0.0)) for name, value in found.items()}
            for case in (case for maker in kinds for case in maker(asked.scale, threads)):
                before = cases.get((case.name, case.size), (case, float("inf")))[1]
                cases[case.name, case.size] = case, min(before, _timed(case, asked.seconds))
        rows = [row(case, seconds, ceilings[case.threads]) for case, seconds in cases.values()]
        shown = report.Report.here(asked.device, threads, ceilings, rows)
    if asked.json:
        sys.stdout.write(shown.text())
    elif asked.page:
        sys.stdout.write(table.page(shown))
    else:
        table.print_table(shown)


def _held(threads: int | None) -> int:
    """Hold this process to so many cores, before any library looks for them; how many there are."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cores = sorted(os.sched_getaffinity(0))
    if threads is not None and 0 < threads < len(cores):
        os.sched_setaffinity(0, cores[:threads])
        os.environ["NUMBA_NUM_THREADS"] = str(threads)
        return threads
    return len(cores)


def _timed(case: Case, seconds: float) -> float:
    from .clock import best

    _tell(f"{case.name}, {case.size}")
    return best(case.call, seconds)


def _chosen(only: list[str] | None, device: str) -> list[Callable[[float, int], Iterator[Case]]]:
    """The makers of cases, by name; imported when they are needed."""
    from importlib import import_module

    from kineticbench.contracts import UnknownName

    if device == "gpu":
        from .of_pairs import coulomb_jax
        from .of_particles import pic_jax

        makers = {"coulomb": lambda scale, _: coulomb_jax(scale, "gpu"), "pic_jax": lambda s, t: pic_jax(s, t, "gpu")}
    else:
        makers = {path.partition(".")[2]: _later(import_module, path) for path in CPU}
    unknown = [name for name in only or () if name not in makers]
    if unknown:
        raise UnknownName.among("kernel", unknown[0], list(makers))
    return [maker for name, maker in makers.items() if not only or name in only]


def _later(load: Callable[..., object], path: str) -> Callable[[float, int], Iterator[Case]]:
    module, _, name = path.partition(".")
    return lambda scale, threads: getattr(load(f".{module}", __package__), name)(scale, threads)


def _limits(device: str, threads: int, seconds: float) -> dict[str, dict[str, float]]:
    """Ceilings of one thread and of all of them; of a GPU the latter only."""
    if device == "gpu":
        from kineticbench.numerics.jax_scope import scope

        from .jax_ceilings import measure as of_device

        with scope("gpu", "float32"):  # says so where there is none
            return {"all": of_device("gpu", seconds)}
    from .ceilings import measure

    one = measure(1, seconds, _tell)
    return {"one": one, "all": one if threads == 1 else measure(threads, seconds, _tell)}


def _tell(what: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what}\r")


if __name__ == "__main__":
    raise SystemExit(main())
