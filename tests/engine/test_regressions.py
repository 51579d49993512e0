"""What is made worse on purpose is found in records of real runs, and nothing else is."""

from __future__ import annotations

from kineticbench.ranking.change import SOLVE
from kineticbench.ranking.compare import compare
from kineticbench.results.store import Store

NAMES = ("one", "two", "three", "four", "five")
WORK = "for _ in range({}): np.sort(np.random.default_rng(0).random(20_000))"


def test_a_slow_solver_a_worse_error_and_a_fault_are_named_and_nothing_else(lab):
    timing = {"calls": 5, "seconds": 0.05, "longest": 0.1}
    for turn in range(3):  # two tell too little beside another test
        for changed in (True, False) if turn == 1 else (False, True):
            for number, name in enumerate(NAMES):
                work = WORK.format((20 + 5 * number) * (4 if changed and name == "one" else 1))
                shift = f"p = p + {0.12 if changed and name == 'two' else 0.1}"
                fault = "p[1:] = np.inf" if changed and name == "three" else "pass"
                lab.solver(name, "\n        ".join((work, shift, fault)))
            lab.store = Store(lab.folder / ("new" if changed else "old"))
            lab.run(*(str(lab.folder / f"{name}.py") for name in NAMES), timing=timing)
    found = compare(Store(lab.folder / "old").read().records, Store(lab.folder / "new").read().records)
    assert {(change.solver, change.quantity) for change in found.of("worse")} == {
        ("one", SOLVE),
        ("two", "w1_momentum"),
        ("three", "state"),
    }
    assert sum(change.quantity == SOLVE for change in found.changes) == len(NAMES) - 1
