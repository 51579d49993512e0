"""Plug-ins cache in a folder of the test run."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Whatever datasets keep on disk is made anew, and goes with the tests."""
    with pytest.MonkeyPatch.context() as patch:
        if "KINETICBENCH_CACHE" not in os.environ:
            patch.setenv("KINETICBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
