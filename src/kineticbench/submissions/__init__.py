"""Solvers and records that strangers send: gathered, read, run again here, and judged."""
