"""Whether there can be a GPU at all, found without importing JAX or torch."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from ..contracts import Unsupported

_SIGNS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, Windows' Linux


def absent() -> bool:
    """Whether this surely is a machine without a GPU; on other systems than Linux nobody knows."""
    if platform.system() != "Linux" or shutil.which("nvidia-smi") is not None:
        return False
    return not any(Path(sign).exists() for sign in _SIGNS)


def require(device: str) -> None:
    """Raise `Unsupported` where a GPU is asked for and there is none."""
    if device == "gpu" and absent():
        raise Unsupported("This machine has no GPU.")
