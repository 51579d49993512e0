"""The process in which a solver is tried: `python -m kineticbench.conformance.run NAME` writes findings as JSON.

What the solver prints goes to standard error, so that it cannot be taken for a finding.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict


def main() -> None:
    """Try the solver that the command line names."""
    from .. import catalog
    from .subject import Subject
    from .suite import tried

    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        for finding in tried(Subject(catalog.find("solvers", sys.argv[1]))):
            print(json.dumps(asdict(finding)), file=answers, flush=True)


if __name__ == "__main__":
    main()
