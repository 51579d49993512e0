"""`python -m kineticbench.cli`."""

from . import main

main()
