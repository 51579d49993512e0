"""asv: the solvers that can on a GPU, in single precision; skipped where there is none."""

from __future__ import annotations

from .cases import BY_NAME, ROWS, pose


class Speed:
    """A warm call, the arrays copied home; `size` multiplies cases, particles or cells."""

    params = ([row.name for row in ROWS if row.grows != "cells"], [16])
    param_names = ("setting", "size")
    timeout = 600
    repeat = (5, 10, 1.0)
    number = 1
    warmup_time = 0.2

    def setup(self, setting: str, size: int) -> None:
        """Once in a process: everything compiled, and one call made."""
        from asv_runner.benchmarks.mark import SkipNotImplemented

        from kineticbench.contracts import InvalidInput, UnknownName, Unsupported
        from kineticbench.engine import gpu

        if hasattr(self, "call"):
            return
        try:
            gpu.require("gpu")
            self.call = pose(BY_NAME[setting], size).fit("gpu", "float32")
        except (Unsupported, InvalidInput, UnknownName) as error:
            raise SkipNotImplemented(str(error)) from error
        self.call()

    def time_solve(self, setting: str, size: int) -> None:
        self.call()
