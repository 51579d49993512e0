"""Runtime type checking of everything but compiled kernels, and of the contracts, which check what they are given."""

from __future__ import annotations

from pathlib import Path

from jaxtyping import install_import_hook

PACKAGE = Path(__file__).parents[1] / "src" / "kineticbench"
NUMERICS = [f"kineticbench.numerics.{path.stem}" for path in (PACKAGE / "numerics").glob("[a-z]*.py")]
CHECKED = [
    *NUMERICS,
    *(f"kineticbench.{name}" for name in ("engine", "metrics", "openpmd", "pictures", "ranking", "results")),
]

install_import_hook(CHECKED, "typecheck.numeric_tower")
