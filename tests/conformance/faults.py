"""Faults to plant into working plug-ins: what is replaced by what, the one rule that finds it, and in what words."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """A replacement in a plug-in's text."""

    old: str
    new: str
    rule: str
    words: str


FORCE = "return self.charge * (left"
BEGUN = "done, states = 0, []"
BACK = "return Solution(Trajectory(positions"
PARAMETERS = '''
    """

    # The parameters: plain values with defaults. They are what suites set and what records keep.
    dt: float = 0.02
'''
MORE = PARAMETERS.replace('    """', '    more\n        No number.\n    """', 1) + "    more: complex = 1j\n"
REASON = 'return "it needs the particles to start from"'

SOLVER: dict[str, Fault] = {
    "a computed class variable": Fault(
        '= ("vlasov_poisson",)', '= tuple(["vlasov_poisson"])', "metadata", "class body says None"
    ),
    "an equation that nobody poses": Fault(
        '= ("vlasov_poisson",)', '= ("vlasov_poisson", "boltzmann")', "metadata", "solves names boltzmann"
    ),
    "an unknown family": Fault('str] = "classical"', 'str] = "neural"', "metadata", "'neural', neither classical"),
    "no citation": Fault("@article{Dawson1962,", "Dawson1962,", "citation", "no BibTeX entry"),
    "a citation that is not closed": Fault("{One-dimensional", "{{One-dimensional", "citation", "braces"),
    "a parameter that is not described": Fault(
        "    dt\n        Time step.", "    step\n        Time step.", "card", "lacks the parameter dt"
    ),
    "no equation": Fault("    dq/dt = p,    dp/dt = E(q) = Q Σ_j", "    charged sheets Σ_j", "card", "an equation"),
    "a parameter that is no plain value": Fault(PARAMETERS, MORE, "parameters", "does not survive JSON"),
    "a parameter of another type": Fault("dt: float = 0.02", "dt: int = 0.02", "parameters", "does not survive JSON"),
    "a parameter without a default": Fault("dt: float = 0.02", "dt: float", "class", "without arguments"),
    "a class that can change": Fault(
        "@dataclass(frozen=True)\nclass MyMethod", "@dataclass\nclass MyMethod", "class", "no frozen dataclass"
    ),
    "a method that is missing": Fault("def ladder(", "def rungs(", "class", "abstract"),
    "an import that fails": Fault("import numpy as np\n", "import numpi as np\n", "class", "No module named 'numpi'"),
    "an exit on import": Fault("import numpy as np\n", "raise SystemExit(0)\n", "class", "SystemExit"),
    "another plug-in is imported": Fault(
        "import numpy as np\n", "import numpy as np\nfrom kineticbench.solvers import identity\n", "imports", "identity"
    ),
    "another plug-in is imported from beside": Fault(
        "import numpy as np\n",
        "import numpy as np\n\nif not np.pi:\n    from ..solvers import identity\n",
        "imports",
        "identity",
    ),
    "a refusal without a reason": Fault(REASON, 'return "no"', "reasons", "said 'no' of the problem 'drawn'"),
    "a refusal that is no text": Fault(REASON, "return True", "reasons", "said True"),
    "another equation is accepted": Fault(
        "if problem.equation.name not in self.solves:", "if False:", "other equation", "without its name"
    ),
    "everything is refused": Fault("if problem.ensemble is None:", "if True:", "solves something", "refuses every"),
    "a refusal that raises": Fault("if problem.ensemble is None:", "if 1 / 0:", "reasons", "ZeroDivisionError"),
    "no ladder": Fault("[replace(self, dt=dt) for dt in (0.1, 0.05, 0.02)]", "[]", "ladder", "no setting"),
    "a setting twice": Fault("(0.1, 0.05, 0.02)", "(0.1, 0.1, 0.02)", "ladder", "twice"),
    "a setting that does not fit": Fault(
        "if problem.ensemble is None:",
        "if self.dt == 0.05:\n            return 'not with this step, please'\n        if problem.ensemble is None:",
        "ladder",
        "does not support",
    ),
    "a time is left out": Fault(
        "zip(*states, strict=True)", "zip(*states[1:], strict=True)", "shapes", "must have shape"
    ),
    "not finite": Fault("else (q, p))", "else (q, p + np.inf))", "shapes", "not finite"),
    "no solution": Fault(BACK, "return dict(a=Trajectory(positions", "shapes", "returned a dict"),
    "other weights": Fault("velocities, ensemble.weights))", "velocities, 2 * ensemble.weights))", "shapes", "weights"),
    "an error of its own": Fault("done = steps", "done = steps // 0", "shapes", "ZeroDivisionError"),
    "it writes into what it is given": Fault(
        BACK, "ensemble.velocities[...] = 0\n        " + BACK, "arguments", "a call was given is changed: velocities"
    ),
    "it changes the times": Fault(BACK, "query.times[...] = 0\n        " + BACK, "arguments", "changed: query.times"),
    "a fit writes into what it is given": Fault(
        "        return Leapfrog(",
        "        problem.ensemble.positions[...] += 0.1\n        return Leapfrog(",
        "arguments",
        "fit() was given is changed: positions",
    ),
    "it begins elsewhere": Fault(BEGUN, "done, states, q = 0, [], q + 1e-3", "start", "At t = 0 the positions are off"),
    "it leaves the box": Fault("q = np.mod(q + dt * p, self.length)", "q = q + dt * p - 20", "start", "leave the box"),
    "a memory between calls": Fault(
        FORCE,
        "STATE.append(1)\n        return (self.charge + 1e-9 * len(STATE)) * (left",
        "same call",
        "second call",
    ),
    "luck in a call": Fault(
        FORCE,
        "return (self.charge + 1e-9 * np.random.default_rng().random()) * (left",
        "same call",
        "another",
    ),
    "luck in a fit": Fault(
        "problem.equation.charge, precision)",
        "problem.equation.charge + 1e-9 * np.random.default_rng().random(), precision)",
        "same seed",
        "under the same seed",
    ),
    "cases that feel each other": Fault(FORCE, "return (self.charge * len(q) / 3) * (left", "batch", "Case 0 alone"),
    "steps that depend on what is asked": Fault(
        BEGUN, "done, states, w = 0, [], w * len(query.times) / 3", "fewer times", "Asked at fewer times"
    ),
    "times are rounded to steps": Fault("if rest else", "if False else", "odd times", "momentum × time, off by 100%"),
    "times that are refused without a reason": Fault(
        "            done = steps\n",
        "            done = steps\n            if rest:\n                raise Unsupported('no')\n",
        "odd times",
        "said 'no' of such times when it was called",
    ),
    "times that make it fall": Fault(
        "            done = steps\n",
        "            done = steps + (1 // 0 if rest else 0)\n",
        "odd times",
        "ZeroDivisionError",
    ),
    "times that are refused without a word": Fault(
        "if problem.ensemble is None:",
        "if problem.query.times.size == 4:\n            return ''\n        if problem.ensemble is None:",
        "odd times",
        "said '' of the times",
    ),
    "one precision only": Fault("astype(self.precision)", 'astype("float64")', "precisions", "Asked for float32"),
    "little precision": Fault(
        BEGUN, BEGUN + "\n        if q.dtype == 'float32':\n            w = 1.1 * w", "precisions", "from float64"
    ),
    "a GPU that is not there": Fault('if device != "cpu":', "if False:", "device", "must raise Unsupported"),
    "a GPU that is not named": Fault('"it runs on the CPU only"', '"not possible at all"', "device", "does not say"),
    "a force of the wrong sign": Fault(FORCE, FORCE.replace("return ", "return -"), "truth", "is off by 2"),
    "a wrong factor": Fault(FORCE, FORCE.replace("return ", "return 1.5 * "), "truth", "is off by"),
    "nothing moves": Fault(
        "else (q, p))", "else (ensemble.positions[..., 0], ensemble.velocities[..., 0]))", "truth", "100%"
    ),
}

LEARNED: dict[str, Fault] = {
    "nothing is told meanwhile": Fault("progress.report(done + 1, self.rounds, loss=0.0)", "pass", "progress", "never"),
    "a pickle": Fault('save_file({"k": self.k}, path)', "self.k.dump(path)", "kept fit", "save() wrote no safetensors"),
    "nothing is saved": Fault('save_file({"k": self.k}, path)', "pass", "kept fit", "wrote no file"),
    "another fit is restored": Fault(
        'Spring(kept["k"],', 'Spring(1.1 * kept["k"],', "kept fit", "velocities are off by"
    ),
    "a fit of one precision": Fault(
        'kept["k"], problem.equation.length, precision)',
        'kept["k"], problem.equation.length, "float64")',
        "kept fit",
        "are float64",
    ),
    "a torn file is taken": Fault(
        'raise CorruptFile(f"{path} is torn: {error}") from error', 'kept = {"k": np.ones(1)}', "kept fit", "torn file"
    ),
    "nothing is kept of a fit": Fault(
        "class Spring(TrainedPropagator)",
        "class Spring(TrainedPropagator.__base__)",
        "kept fit",
        "a Spring, is no Trained",
    ),
    "what is amortised is told elsewhere": Fault(
        "amortised: ClassVar[bool] = True", "amortised: ClassVar[bool] = not False", "metadata", "amortised is True"
    ),
}

LANDAU: dict[str, Fault] = {
    "a slower collision": Fault("return collision_sum(", "return 0.5 * collision_sum(", "truth", "anisotropic plasma"),
    "one case of a batch": Fault(
        "axis=1)\n        # What", "axis=1)[:, :1]\n        # What", "shapes", "must have shape"
    ),
}

DATASET: dict[str, Fault] = {
    "a metric that nobody measures": Fault('"w1_position")', '"w1_positions")', "metadata", "w1_positions"),
    "a metric twice": Fault('"w1_position")', '"w1_momentum")', "metadata", "twice"),
    "luck in the draw": Fault("default_rng([seed, case])", "default_rng()", "seeds", "same seed"),
    "the seed is left out": Fault("default_rng([seed, case])", "default_rng([7, case])", "seeds", "Another seed"),
    "cases that depend on how many": Fault("[seed, case]", "[seed, case, cases]", "fewer cases", "first two of five"),
    "too many cases": Fault("if cases > SPLITS[split]:", "if cases < 0:", "refusals", "cases=257"),
    "any split": Fault(
        'raise UnknownName.among("split", split, SPLITS)', 'split = "test"', "refusals", "must raise UnknownName"
    ),
    "a truth of other particles": Fault(
        "Trajectory(march.positions[..., None]", "Trajectory(march.positions[::-1, ..., None]", "begins", "first state"
    ),
    "a truth of other times": Fault(
        "truth = Trajectory(march.positions[..., None]",
        "truth = Trajectory(march.positions[:2, ..., None]",
        "reference",
        "must have shape",
    ),
    "a truth from nowhere": Fault(
        'provenance="Exact motion of the sheets, crossing by crossing."', 'provenance=""', "reference", "provenance"
    ),
    "a bar that is negative": Fault(
        "paired=True,", 'bars={"w1_momentum": -np.ones(1)}, paired=True,', "bars", "negative"
    ),
}
