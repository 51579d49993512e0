"""Each planted fault is found and named, and a correct solver passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench import catalog
from kineticbench.catalog import PACKAGE
from kineticbench.conformance.outside import findings
from kineticbench.conformance.subject import Subject
from kineticbench.conformance.suite import RULES, Finding, tried

TEMPLATE = (PACKAGE / "conformance" / "my_method.py.txt").read_text()
FAULTS: dict[str, tuple[str, str, str, str]] = {  # what is replaced by what, the rule that finds it, and its words
    "an unknown family": ('family: ClassVar[str] = "classical"', 'family: ClassVar[str] = "neural"', "metadata", "neural"),
    "no citation": ("    @article{MyMethod,", "    MyMethod,", "citation", "BibTeX"),
    "a parameter that is not described": ("    dt\n        Time step;", "    step\n        Time step;", "card", "parameter dt"),
    "no equation": ("        dq/dt = p,    dp/dt =", "It moves:", "card", "equation"),
    "a parameter that is no plain value": (
        "    dt: float = 0.02\n",
        "    dt: float = 0.02\n    more: object = np.zeros(2).data\n",
        "parameters",
        "JSON",
    ),
    "a refusal without a reason": ('return "it needs the particles to start from"', 'return "no"', "reasons", "why"),
    "another equation is accepted": ("if problem.equation.name not in self.solves:", "if False:", "other equation", "accepts"),
    "it refuses everything": ("        if problem.ensemble is None:", "        if True:", "solves something", "refuses every"),
    "a setting twice": ("for dt in (0.1, 0.05, 0.02)", "for dt in (0.1, 0.1)", "ladder", "twice"),
    "the wrong shape": ("zip(*found, strict=True))\n", "zip(*found[:-1], strict=True))\n", "shapes", ""),
    "not finite": ("found.append((q, p))", "found.append((q, p * np.inf))", "shapes", "finite"),
    "it begins elsewhere": ("dt, step, found = q.dtype.type(self.dt), 0, []", "dt, step, found, q = q.dtype.type(self.dt), 0, [], q + 1e-3", "start", "t = 0"),
    "it leaves the box": ("q = np.mod(q + dt * p, q.dtype.type(self.length))", "q = q + dt * p + 5", "start", "box"),
    "a memory between calls": ("found.append((q, p))", "found.append((q, p + len(STATE) * 1e-6)); STATE.append(1)", "same call", "velocities"),
    "luck that no seed governs": ("return Leapfrog(self.dt,", "return Leapfrog(self.dt * (1 + 1e-12 * int(np.random.default_rng().integers(9))),", "same seed", ""),
    "cases that feel each other": ("return q.dtype.type(self.charge) *", "return q.dtype.type(self.charge) * len(q) *", "batch", "Case 0"),
    "steps that depend on what is asked": ("dt, step, found = q.dtype.type(self.dt), 0, []", "p = p * len(query.times) / 3; dt, step, found = q.dtype.type(self.dt), 0, []", "fewer times", "fewer times"),
    "it writes into its arguments": ("q = ensemble.positions[..., 0].astype(self.precision)", "ensemble.velocities[...] *= 1; q = ensemble.positions[..., 0].astype(self.precision)", "arguments", "copy"),
    "one precision only": (".astype(self.precision)", ".astype(float)", "precisions", "float32"),
    "a GPU that is not there": ('if reason is None and device != "cpu":', "if False:", "device", "gpu"),
    "a force of the wrong sign": ("return q.dtype.type(self.charge) *", "return -q.dtype.type(self.charge) *", "truth", "off by"),
    "no ladder": ("return [MyMethod(dt) for dt in (0.1, 0.05, 0.02)]", "return []", "ladder", "no setting"),
    "an error of its own": ("step += 1", "step += 1 // 0", "shapes", "ZeroDivisionError"),
}  # fmt: skip


def written(folder: Path, text: str = TEMPLATE) -> str:
    path = folder / "mine.py"
    path.write_text(text + "\nSTATE = []\n")
    return str(path)


def broken(name: str) -> list[Finding]:
    return [finding for finding in tried(Subject(catalog.find("solvers", name))) if finding.state == "broken"]


def test_the_template_passes(tmp_path):
    found = list(tried(Subject(catalog.find("solvers", written(tmp_path)))))
    assert [finding for finding in found if finding.state == "broken"] == []
    assert {finding.rule for finding in found if finding.state == "holds"} >= {
        rule.name for rule in RULES if rule.name not in ("kept fit", "citation")
    } - {"kept fit"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(fault, tmp_path):
    old, new, rule, words = FAULTS[fault]
    assert old in TEMPLATE
    found = broken(written(tmp_path, TEMPLATE.replace(old, new)))
    assert rule in {finding.rule for finding in found}
    assert any(words in finding.found for finding in found if finding.rule == rule)
    assert all(finding.remedy and finding.promise for finding in found)


@pytest.mark.parametrize(
    ("line", "words"), [("import os; os._exit(3)", "exit status 3"), ("while True: pass", "more than 20 s")]
)
def test_what_ends_the_process_or_hangs_is_named(line, words, tmp_path):
    name = written(
        tmp_path, TEMPLATE.replace("        if ensemble is None or", f"        {line}\n        if ensemble is None or")
    )
    found = [finding for finding in findings(name, 20) if finding.state == "broken"]
    assert [finding.rule for finding in found] == ["runs"]
    assert words in found[0].found


def test_the_file_sees_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    name = written(
        tmp_path,
        "import os\nassert 'MY_TOKEN' not in os.environ\n"
        + TEMPLATE.replace("from __future__ import annotations\n", ""),
    )
    assert not [finding for finding in findings(name, 120) if finding.state == "broken"]
