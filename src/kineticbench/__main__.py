"""`python -m kineticbench` is `kineticbench`."""

from .cli import main

if __name__ == "__main__":
    main()
