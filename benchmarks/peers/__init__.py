"""Our code beside its peers on the same work: `python -m benchmarks.peers` (`make peers`) writes docs/performance.md.

One file for each comparison; `comparison.py` says what one is, `side.py` runs one side of it in a process of its own,
`turns.py` lets the two take turns, and `page.py` makes the table from the raw samples. asv looks into this folder too
and finds nothing to run: heavy imports are inside functions, and nothing is named as its benchmarks are.
"""
