"""Problems and trajectories as openPMD files, for codes in any language.

`export` writes what a code needs to know, `score` what becomes of its answer; `read_problem`, `read_solution` and
`write_solution` are for Python. `examine` and `layout` look into a stranger's file, in a process of their own.
"""
