"""A benchmark suite and leaderboard for solvers of kinetic equations, classical and neural."""

__version__ = "0.1.0"
