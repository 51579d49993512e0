"""What a worker may know of the environment of whoever started it: where things are and how to compute, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping

KEPT = frozenset(
    (
        # where things are
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV",
        "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH",
        "XDG_CACHE_HOME", "XDG_DATA_HOME",
        # how text and time are written
        "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "CI",
        # how Python starts
        "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED",
        "PYTHONFAULTHANDLER", "PYTHONUTF8", "PYTHONNOUSERSITE", "PYTHONSAFEPATH", "PYTHONMALLOC",
    )
)  # fmt: skip
BEGINNINGS = (
    "LC_", "KINETICBENCH_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_", "VECLIB_", "NUMEXPR_", "NUMBA_",
    "JAX_", "XLA_", "TF_CPP_", "TF_XLA_", "CUDA_", "CUBLAS_", "NVIDIA_", "NCCL_", "ROCM_", "ROCR_", "HIP_", "HSA_",
    "TORCH_", "PYTORCH_", "MALLOC_", "GLIBC_",
)  # fmt: skip
_SECRET = re.compile(r"PASS|SECRET|TOKEN|CRED|AUTH|PRIVATE|KEY(S|ID|_ID)?$")


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a worker is given: those named here, without any whose name says that it is a secret."""
    return {name: value for name, value in environment.items() if _is_kept(name)}


def _is_kept(name: str) -> bool:
    upper = name.upper()
    return upper in KEPT or (upper.startswith(BEGINNINGS) and not _SECRET.search(upper))
