"""Makes the converged solutions in datasets/references: `python benchmarks/make_references.py [DATASET…]`.

About 25 minutes on one core for all of them, ten of which are for the Landau equation. `NUMBA_NUM_THREADS` sets the
number of threads.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from kineticbench import catalog

KEPT: list[tuple[str, dict[str, Any]]] = [
    ("landau_damping", {}),
    ("landau_damping", {"wavenumber": 0.4, "amplitude": 1e-3}),
    ("landau_damping", {"wavenumber": 0.3, "amplitude": 1e-3}),
    ("landau_damping", {"amplitude": 0.5}),
    ("two_stream", {}),
    ("two_stream", {"drift": 3.0}),
    ("bump_on_tail", {}),
    ("bi_gaussian_coulomb", {}),
    ("gaussian_mixture", {"exponent": -3.0}),
    ("rosenbluth", {}),
    ("trubnikov", {}),
    ("trubnikov", {"temperatures": [0.07, 0.07, 0.05]}),
]


def main(names: list[str]) -> None:
    """Make the references of these datasets, of all where none is named."""
    for name, parameters in KEPT:
        if names and name not in names:
            continue
        begin = time.perf_counter()
        logging.info("%s %s", name, parameters or "")
        path = catalog.build("datasets", name, parameters).make_reference(
            report=lambda resolution: logging.info("  %s", resolution)
        )
        logging.info("  %s: %d bytes, %.0f s", path.name, path.stat().st_size, time.perf_counter() - begin)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(sys.argv[1:])
