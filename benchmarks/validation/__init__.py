"""Orders of convergence from small runs: `python -m benchmarks.validation` (`make validation`) keeps them as JSON.

Errors do not depend on the machine or on how busy it is; the documentation draws them beside those of official records.
"""
