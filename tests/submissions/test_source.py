"""What the text of a solver says of itself: what it reaches for, and what a reader should look at."""

from __future__ import annotations

import pytest

from kineticbench.submissions.source import foreign, telling


@pytest.mark.parametrize(
    "line",
    [
        "import kineticbench",
        "import kineticbench as k",
        "import kineticbench.catalog",
        "import kineticbench.numerics.pic",
        "from kineticbench import *",
        "from kineticbench import catalog",
        "from kineticbench.engine import scoring",
        "def f():\n    from kineticbench.datasets.bkw import BKW",
        "from . import pic",
        "from .pic import PIC",
        "from ..engine import scoring",
        "from ..datasets import bkw",
    ],
)
def test_what_leads_to_the_engine_or_the_truth_is_foreign(line):
    assert foreign(line.encode())


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np",
        "import kineticbench_mine",
        "from kineticbench.contracts import Solver",
        "from kineticbench.numerics import pic",
        "from kineticbench.numerics.pic import Scheme",
        "from kineticbench import contracts",
        "import kineticbench.numerics.pic as pic",
    ],
)
def test_what_solvers_share_is_not(line):
    assert foreign(line.encode()) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from pathlib import Path", "imports pathlib"),
        ("import h5py", "imports h5py"),
        ("np.fromfile('x')", "uses .fromfile"),
        ("look = open", "uses open"),
        ("f.__globals__", "uses .__globals__"),
    ],
)
def test_what_reaches_beyond_numbers_is_told(line, told):
    assert told in telling(line.encode())


def test_numbers_alone_are_not_told():
    assert telling(b"import math\nimport numpy as np\nx = np.mod(np.zeros(3), 1.0)\n") == []
