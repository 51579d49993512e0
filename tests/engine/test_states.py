"""Whatever a solver does, its cell ends in the right state and the other cells go on."""

from __future__ import annotations

import time

import psutil
import pytest

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
    ],
    ids=["sleeps", "ignores_sigterm", "holds_the_gil", "stops_itself", "prints_without_end"],
)
def test_a_hanging_solver_times_out_with_what_was_measured(lab, hang):
    limits = {"seconds": 0.5, "bytes": 2_000_000_000}
    begun = time.monotonic()
    record = lab.run(lab.solver("hangs", hang), limits=limits)["hangs"]
    assert record.state == "timeout"
    assert "0.5 s" in record.reason
    assert time.monotonic() - begun < 20
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


def test_nothing_is_left_behind(lab):
    marker = "import time; time.sleep(61.25)"
    spawn = f"subprocess.Popen([sys.executable, '-c', {marker!r}], start_new_session=True); time.sleep(60)"
    limits = {"seconds": 1.0, "bytes": 2_000_000_000}
    record = lab.run(lab.solver("spawns", spawn), limits=limits)["spawns"]
    assert record.state == "timeout"
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
