"""The contracts between datasets, solvers, metrics and the engine."""

from .checks import all_finite, require_array, require_positive, whole_steps
from .dataset import Dataset, Reference, TrainingSet
from .ensemble import Ensemble, Mesh, Quiet, Random, Start, require_inside
from .equation import Equation, HomogeneousLandau, VlasovPoisson
from .errors import CorruptFile, Diverged, InvalidInput, KineticbenchError, UnknownName, Unsupported
from .law import Law
from .metric import Metric, Score
from .problem import InitialDensity, Problem, Query
from .solution import Solution, Trajectory, check
from .solver import (
    Device,
    Precision,
    Progress,
    Propagator,
    Silent,
    Solver,
    TrainedPropagator,
    TrainedSolver,
)

__all__ = [
    "CorruptFile",
    "Dataset",
    "Device",
    "Diverged",
    "Ensemble",
    "Equation",
    "HomogeneousLandau",
    "InitialDensity",
    "InvalidInput",
    "KineticbenchError",
    "Law",
    "Mesh",
    "Metric",
    "Precision",
    "Problem",
    "Progress",
    "Propagator",
    "Query",
    "Quiet",
    "Random",
    "Reference",
    "Score",
    "Silent",
    "Solution",
    "Solver",
    "Start",
    "TrainedPropagator",
    "TrainedSolver",
    "TrainingSet",
    "Trajectory",
    "UnknownName",
    "Unsupported",
    "VlasovPoisson",
    "all_finite",
    "check",
    "require_array",
    "require_inside",
    "require_positive",
    "whole_steps",
]
