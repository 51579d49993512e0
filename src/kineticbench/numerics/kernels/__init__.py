"""Compiled particle loops (numba), outside runtime type checking."""
