"""Does asv find what got worse? `python benchmarks/injected.py` injects four changes into clones and compares.

    nothing     a comment
    slower      the solver `sheets` takes 1.5 times as long
    less right  W1 comes out 10 % larger, and a little (at exactly 10 % a factor of 1.1 is not exceeded)
    a leak      `sheets` adds a little momentum

Each is a commit of its own on a clone of this repository's last commit, measured with asv's usual environment and
compared with it, in six rounds. About ten minutes. Exit status 1 where one is missed, or `nothing` found to be worse.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BENCHMARKS = r"solvers\.\w+\.(time|track)_\w+\('sheets|metrics\.Exactness"


@dataclass(frozen=True)
class Injected:
    """A change: the file that it is added to, what is added, and the benchmark that must find it ("": none may)."""

    name: str
    file: str
    code: str
    finds: str


INJECTED = (
    Injected("nothing", "solvers/sheets.py", "# as before\n", ""),
    Injected(
        "slower",
        "solvers/sheets.py",
        """
import functools, time


def _slower(cls):
    call = cls.__call__

    @functools.wraps(call)
    def slower(self, ensemble, query):
        begun = time.perf_counter()
        answer = call(self, ensemble, query)
        until = begun + 1.5 * (time.perf_counter() - begun)
        while time.perf_counter() < until:
            pass
        return answer

    cls.__call__ = slower


for _cls in Propagator.__subclasses__():
    if _cls.__module__ == __name__:
        _slower(_cls)
""",
        "solvers.Speed.time_solve('sheets",
    ),
    Injected(
        "less right",
        "src/kineticbench/metrics/wasserstein.py",
        """
_exact_w1 = wasserstein_1


def wasserstein_1(*samples, **options):
    return 1.101 * _exact_w1(*samples, **options)
""",
        "metrics.Exactness.track_w1_on_the_line",
    ),
    Injected(
        "a leak",
        "solvers/sheets.py",
        """
import dataclasses


def _leaking(cls):
    call = cls.__call__

    def leaking(self, ensemble, query):
        answer = call(self, ensemble, query)
        moving = answer.trajectory
        if moving is None:
            return answer
        velocities = moving.velocities + 1e-6 * query.times[:, None, None, None]
        return dataclasses.replace(answer, trajectory=dataclasses.replace(moving, velocities=velocities))

    cls.__call__ = leaking


for _cls in Propagator.__subclasses__():
    if _cls.__module__ == __name__:
        _leaking(_cls)
""",
        "'drift_momentum'",
    ),
)


def run(folder: Path, *command: str, check: bool = True) -> str:
    """What a command prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}\n{done.stderr}")
    return done.stdout


def commit(folder: Path, message: str) -> str:
    """The hash of a commit of everything."""
    author = ("-c", "user.name=injected", "-c", "user.email=injected@localhost")
    run(folder, "git", *author, "commit", "--quiet", "--all", "--message", message)
    return run(folder, "git", "rev-parse", "HEAD").strip()


def clone(folder: Path, environments: Path) -> str:
    """Clone the last commit, with asv's environments kept elsewhere; its hash."""
    run(ROOT, "git", "clone", "--quiet", "--shared", str(ROOT), str(folder))
    conf = folder / "asv.conf.json"
    text = conf.read_text().replace('".asv/env"', json.dumps(str(environments)))
    conf.write_text(text)
    return commit(folder, "Keep environments elsewhere")


def main() -> None:
    """Inject, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", type=Path, default=ROOT / ".asv" / "env", help="asv's environments")
    parser.add_argument("--factor", default="1.1")
    parser.add_argument("--rounds", type=int, default=6, help="processes that time each commit, in turn")
    parser.add_argument("--only", choices=[injected.name for injected in INJECTED], help="just one of them")
    options = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "clone"
        base = clone(folder, options.env.resolve())
        asv = (sys.executable, "-m", "asv")
        run(folder, *asv, "machine", "--yes")
        for injected in INJECTED:
            if options.only not in (None, injected.name):
                continue
            run(folder, "git", "checkout", "--quiet", "--detach", base)
            path = folder / injected.file
            path.write_text(path.read_text() + injected.code)
            changed = commit(folder, injected.name)
            # side by side, the rounds of the two commits in turn
            table = run(
                *(folder, *asv, "continuous", "--factor", options.factor, "--attribute", f"rounds={options.rounds}"),
                *("--bench", BENCHMARKS, base, changed),
                check=False,
            )
            if "BENCHMARKS" not in table:
                raise SystemExit(f"asv compared nothing:\n{table}")
            worse = [line for line in table.splitlines() if line.startswith(("| +", "| !"))]
            found = any(injected.finds in line for line in worse) if injected.finds else not worse
            missed += [] if found else [injected.name]
            sys.stdout.write(f"{injected.name}: {'as it should be' if found else 'MISSED'}\n")
            sys.stdout.write("".join(f"  {line}\n" for line in worse) or (f"{table}\n" if not found else ""))
            sys.stdout.flush()
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
