"""The published JSON Schemas are those of the models."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineticbench.engine.schemas import published

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
COMMAND = (
    'python -c "from kineticbench.engine.schemas import published; import pathlib; '
    "[pathlib.Path('docs/schemas', n).write_text(t) for n, t in published().items()]\""
)


@pytest.mark.parametrize("name", published())
def test_published_schema_is_current(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == published()[name], f"out of date; run: {COMMAND}"
