"""asv suites; `micro/` holds pytest-benchmark files and `suites/` what `kineticbench run` takes."""
