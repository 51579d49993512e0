"""Records as one table, in every format that can be read back."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.results import frame

_SPEC = importlib.util.spec_from_file_location("factory", Path(__file__).parents[1] / "site" / "record_factory.py")
assert _SPEC is not None
assert _SPEC.loader is not None
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)


def records() -> list:
    return [factory.record("sheets"), factory.record("pic", state="timeout", reason="It took too long.")]


def test_one_row_for_each_score_and_one_for_a_failure() -> None:
    held = records()
    table = frame.frame(held)
    scored = sum(len(values.times) for values in held[0].metrics.values.values())
    assert len(table[table.solver == "sheets"]) == scored
    failed = table[table.state == "timeout"]
    assert failed.reason.tolist() == ["It took too long."]
    assert failed.metric.isna().all()


@pytest.mark.parametrize(("ending", "read"), [("csv", "read_csv"), ("parquet", "read_parquet"), ("json", "read_json")])
def test_what_is_written_can_be_read(ending: str, read: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{ending}"
    frame.write(records(), path)
    again = getattr(pandas, read)(path)
    assert again.error.dropna().tolist() == pytest.approx(frame.frame(records()).error.dropna().astype(float).tolist())


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="End it with one of"):
        frame.write(records(), tmp_path / "table.xlsx")
