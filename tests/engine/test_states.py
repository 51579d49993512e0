"""Whatever a solver does, its cell ends in the right state and the other cells go on."""

from __future__ import annotations

import time

import psutil
import pytest

from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan
from kineticbench.engine.run import run

SPIN = "ctypes.PyDLL(None).pause()"  # sleeps in C without letting go of the GIL

BEHAVIOURS = {
    "raises": ("raise ValueError('no good')", "error", "ValueError: no good"),
    "exits": ("sys.exit(0)", "error", "SystemExit"),
    "dies": ("os._exit(3)", "error", "exit status 3"),
    "kills_itself": ("os.kill(os.getpid(), signal.SIGKILL)", "error", "SIGKILL"),
    "crashes": ("ctypes.string_at(0)", "error", "SIGSEGV"),
    "kills_its_keeper": ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)", "error", "keeper was killed"),
    "closes_everything": ("os.closerange(3, 100); os._exit(0)", "error", "exit status 0"),
    "nan": ("p = p * np.nan", "diverged", "not finite"),
    "wrong_shape": ("q = q[:, :, :-1]", "diverged", "must have shape"),
    "wrong_times": ("q, p = q[:1], p[:1]", "diverged", "must have shape"),
    "text": ("q = q.astype(str)", "diverged", "must hold numbers"),
    "nothing": ("return None", "diverged", "must return a Solution"),
    "list": ("q = q.tolist()", "diverged", "must be an array"),
    "half": ("weights = None", "diverged", "velocities and weights"),
    "refuses": ("raise Unsupported('Not this one.')", "unsupported", "Not this one."),
    "reasons_without_end": ("raise ValueError('x' * 10**7)", "error", "x…"),
    "starved": ("raise MemoryError('all gone')", "out-of-memory", "all gone"),
    "meddles": ("ensemble.velocities[0, 0, 0] += 1", "error", "changed the particles"),
}


def test_each_failure_has_its_state_and_the_others_go_on(lab):
    names = {name: lab.solver(name, body) for name, (body, _, _) in BEHAVIOURS.items()}
    good = [lab.solver("good_one"), lab.solver("good_two")]
    records = lab.run(*names.values(), *good)
    assert {name: records[name].state for name in BEHAVIOURS} == {n: state for n, (_, state, _) in BEHAVIOURS.items()}
    for name, (_, _, reason) in BEHAVIOURS.items():
        assert reason in (records[name].reason or ""), name
    for name in ("good_one", "good_two"):
        assert records[name].state == "ok"
        assert records[name].metrics.values["w1_momentum"].mean == [0.0, 0.0]
    assert len(lab.store.read().records) == len(records) == len(BEHAVIOURS) + 2


def test_the_log_says_where_it_went_wrong(lab):
    record = lab.run(lab.solver("raises", "raise ValueError('no good')"))["raises"]
    log = (lab.store.folder / record.stored.log).read_text()
    assert "Traceback" in log
    assert 'raise ValueError("no good")' in log or "raise ValueError('no good')" in log


@pytest.mark.parametrize(
    "hang",
    [
        "time.sleep(60)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        SPIN,
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "[None for _ in iter(lambda: print('x' * 10000), 1)]",
        "[None for _ in iter(lambda: subprocess.Popen(['sleep', '60'], start_new_session=True), 1)]",
    ],
    ids=["sleeps", "ignores_sigterm", "holds_the_gil", "stops_itself", "prints_without_end", "starts_without_end"],
)
def test_a_hanging_solver_times_out_with_what_was_measured(lab, hang):
    limits = {"seconds": 0.5, "bytes": 2_000_000_000}
    moments = []
    suite = lab.suite(lab.solver("hangs", hang), lab.solver("next"), limits=limits, order_seed=1)
    planned = jobs(plan(suite), suite, lab.store.folder)

    def listener(job, message):
        if message.get("phase") == "solve" and job.cell.solver.name == "hangs":
            moments.append(time.monotonic())

    records = {}
    for record in run(planned, lab.store, Local(), listener):
        records[record.settings.solver.name] = record
        if record.settings.solver.name == "hangs":
            moments.append(time.monotonic())
    assert records["next"].state == "ok"
    record = records["hangs"]
    assert record.state == "timeout"
    assert "0.5 s" in record.reason
    assert moments[1] - moments[0] < 0.5 + 2.0
    assert record.fit is not None
    assert record.solve.cold_s is None
    assert record.solve.cases == 70


def test_a_hang_outside_the_clock_has_its_own_limit(lab):
    slow = lab.solver("slow", unsupported="time.sleep(60)")
    limits = {"seconds": 60.0, "bytes": 2_000_000_000, "setup_seconds": 2.0}
    record = lab.run(slow, limits=limits)["slow"]
    assert record.state == "timeout"
    assert "before or after" in record.reason


def test_memory_beyond_the_limit_ends_the_process_tree(lab):
    child = "subprocess.run([sys.executable, '-c', 'x = bytearray(400_000_000); import time; time.sleep(60)'])"
    limits = {"seconds": 30.0, "bytes": 400_000_000}
    records = lab.run(
        lab.solver("eats", "x = np.ones(100_000_000); time.sleep(60)"), lab.solver("child", child), limits=limits
    )
    for record in records.values():
        assert record.state == "out-of-memory"
        assert record.solve.peak_bytes > 400_000_000


def test_a_fast_allocator_is_stopped_near_its_limit(lab):
    eats = "held = []; [held.append(np.ones(12_500_000)) for _ in range(100)]"
    record = lab.run(lab.solver("eats", eats), limits={"seconds": 30.0, "bytes": 1_000_000_000})["eats"]
    assert record.state == "out-of-memory"
    assert "limit of 954 MiB" in record.reason
    assert record.solve.peak_bytes < 1_500_000_000
    assert record.fit is not None


def test_pages_that_forked_children_share_count_once(lab):
    body = (
        "held = np.ones(40_000_000); children = [os.fork() for _ in range(1)]; "
        "children[0] or (time.sleep(1.5), os._exit(0)); time.sleep(1.2)"
    )
    record = lab.run(lab.solver("shares", body), limits={"seconds": 30.0, "bytes": 600_000_000})["shares"]
    assert record.state == "ok"
    assert 320_000_000 < record.solve.peak_bytes < 600_000_000


def test_memory_is_limited_outside_the_clock_too(lab):
    unsupported = "held = np.ones(100_000_000); time.sleep(5); return str(held.size)"
    limits = {"seconds": 30.0, "bytes": 600_000_000}
    record = lab.run(lab.solver("greedy", unsupported=unsupported), limits=limits)["greedy"]
    assert (record.state, record.fit) == ("out-of-memory", None)
    assert "before or after" in record.reason


def test_a_solution_beyond_the_limit_is_neither_copied_nor_kept(lab):
    limits = {"seconds": 30.0, "bytes": 2_000_000_000, "output_bytes": 10_000_000}
    body = "diagnostics['large'] = np.broadcast_to(np.zeros(1), 10**12)"
    record = lab.run(lab.solver("large", body), limits=limits)["large"]
    assert record.state == "out-of-memory"
    assert "Its solution takes" in record.reason
    assert "beyond the limit of 10 MiB" in record.reason
    assert record.solve.cold_s is not None
    assert record.stored.solution is None
    assert not list((lab.store.folder / "solutions").iterdir())


def test_the_system_ends_a_worker_first_where_memory_runs_out(lab):
    body = "diagnostics['score'] = np.array([int(open('/proc/self/oom_score_adj').read())])"
    assert lab.run(lab.solver("score", body))["score"].diagnostics["score"] == 1000


DAEMON = """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(sys.executable, [sys.executable, "-c", {marker!r}])
            os._exit(0)
        os.wait()
        {then}"""


@pytest.mark.parametrize(
    ("then", "state"),
    [
        ("time.sleep(60)", "timeout"),
        ("pass", "ok"),
        ("time.sleep(0.2); os._exit(3)", "error"),
        ("time.sleep(0.2); os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)", "error"),
    ],
    ids=["hangs", "answers", "dies", "kills_its_keeper"],
)
def test_nothing_is_left_behind(lab, then, state):
    marker = f"import time; time.sleep(61.25); {state!r}"
    body = DAEMON.format(marker=marker, then=then).strip()
    limits = {"seconds": 1.0, "bytes": 2_000_000_000}
    records = lab.run(lab.solver("spawns", body), lab.solver("next"), limits=limits)
    assert (records["spawns"].state, records["next"].state) == (state, "ok")
    left = [p for p in psutil.process_iter(["cmdline"]) if marker in (p.info["cmdline"] or [])]
    assert left == []


def test_a_flood_of_output_is_capped(lab):
    loud = "print('x' * 20_000_000); print('the end')"
    record = lab.run(lab.solver("loud", loud))["loud"]
    log = (lab.store.folder / record.stored.log).read_text()
    assert record.state == "ok"
    assert len(log) < 100_000
    assert "bytes dropped" in log
    assert log.rstrip().endswith("the end")


def test_a_plug_in_that_cannot_be_imported_is_a_record(lab):
    records = lab.run(
        lab.solver("broken", top="raise ImportError('no such library')"),
        lab.solver("bomb", top="os._exit(7)"),
        lab.solver("good"),
    )
    assert records["broken"].state == "error"
    assert "no such library" in records["broken"].reason
    assert records["bomb"].state == "error"
    assert "exit status 7" in records["bomb"].reason
    assert records["good"].state == "ok"


def test_a_reason_not_to_solve_is_kept(lab):
    record = lab.run(lab.solver("picky", unsupported="return 'Too few particles.'"))["picky"]
    assert (record.state, record.reason, record.fit) == ("unsupported", "Too few particles.", None)
