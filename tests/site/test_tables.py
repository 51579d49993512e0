import io
import re

import pytest
from record_factory import OTHER, record
from rich.console import Console

from kineticbench.contracts import InvalidInput
from kineticbench.results.record import Record
from kineticbench.site import markdown, terminal


def printed(records, width):
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(terminal.table(records))
    return out.getvalue()


def test_the_terminal_table_shows_every_cost_in_120_columns(records):
    shown = printed(records, 120)
    header = next(line for line in shown.splitlines() if line.startswith("Solver"))
    for heading in ("Tier", "W1 position", "W1 momentum", "Data", "Fit", "Cold", "Warm/1", "Memory", "n = 1"):
        assert heading in header
    line = next(line for line in shown.splitlines() if line.startswith("pde_nhf") and "25 steps" in line)
    for figure in ("1.10s", "58.0s", "412MB", "±"):
        assert figure in line
    assert all(len(line) <= 120 for line in shown.splitlines())


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_narrow_terminals_lose_columns_and_never_figures(records, width):
    shown = printed(records, width)
    assert all(len(line) <= width for line in shown.splitlines())
    assert "W1 position" in shown
    assert "0.0081" in shown
    assert "…" not in shown


def test_failures_are_shown_with_their_state(records):
    shown = printed(records, 120)
    for word in ("unsupported", "Needs a density", "diverged", "timeout", "Ran longer than 600 s."):
        assert word in shown


def test_no_records():
    assert "No records" in printed([], 80)
    assert markdown.table([]) == "No records yet."


def test_markup_of_the_terminal_is_not_obeyed():
    shown = printed([record(solver="[red]x[/red]", setting="\x1b[31mred\u202e", reason=None)], 120)
    assert "[red]x[/red]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_markdown_tables_are_whole_and_hostile_text_is_only_text():
    hostile = "a|b`c`<img src=x onerror=alert(1)>[y](javascript:1)\n# t"
    shown = markdown.table([record(solver=hostile, setting="**x**"), record("b", state="error", reason=hostile)])
    rows = [line for line in shown.splitlines() if line.startswith("|")]
    headers = [line.replace(r"\|", "").count("|") for line in rows]
    assert len(set(headers[:3])) == 1
    assert len(set(headers[3:])) == 1
    assert "<img" not in shown
    assert "](javascript" not in shown
    assert "\n# t" not in shown
    assert r"\*\*x\*\*" in shown


def test_a_fit_made_elsewhere_is_told_and_not_summed():
    made = record("nhf", family="learned", fit=100.0, fit_hardware="far away", warm=1.0)
    shown = markdown.table([made])
    line = next(line for line in shown.splitlines() if line.startswith("| nhf"))
    assert "100 s*".replace("*", r"\*") in line
    assert "far away" in shown
    assert line.split("|")[-3].strip() == "–"


def test_the_best_settings_are_one_of_each_solver_from_best_to_worst():
    made = [
        record(name, setting, {"steps": steps}, errors={"w1_momentum": error})
        for name, setting, steps, error in (("a", "fine", 9, 0.2), ("a", "coarse", 1, 0.9), ("b", "only", 1, 0.5))
    ]
    lines = [line for line in markdown.table(made, best=True).splitlines() if re.match(r"\| \**[ab]\b", line)]
    assert [re.sub(r"\W", "", line.split("|")[1]) for line in lines] == ["a", "b"]
    assert "coarse" not in "".join(lines)
    assert markdown.table(made).count("coarse") == 1


def test_hardware_is_never_mixed():
    shown = markdown.table([record(), record(hardware=OTHER)])
    assert shown.count("## ") == 2
    assert "Another CPU" in shown


def test_the_readme_is_updated_between_its_markers_only(tmp_path, records):
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- results:begin -->\nold\n<!-- results:end -->\nafter\n")
    assert not markdown.update_readme(page, records, check=True)
    assert "old" in page.read_text()
    assert not markdown.update_readme(page, records)
    written = page.read_text()
    assert written.startswith("before\n<!-- results:begin -->\n\n### Gaussian ensemble")
    assert written.endswith("<!-- results:end -->\nafter\n")
    assert markdown.update_readme(page, records, check=True)
    assert not markdown.update_readme(page, records[:3], check=True)


def test_a_readme_without_markers_is_refused(tmp_path):
    page = tmp_path / "README.md"
    with pytest.raises(InvalidInput, match="no file"):
        markdown.update_readme(page, [])
    page.write_text("<!-- results:begin --> only")
    with pytest.raises(InvalidInput, match="does not say"):
        markdown.update_readme(page, [])


def test_the_leaderboard_page_knows_whether_it_is_current(tmp_path, records):
    page = tmp_path / "leaderboard" / "README.md"
    assert not markdown.write_leaderboard(page, records, check=True)
    assert not page.exists()
    assert not markdown.write_leaderboard(page, records)
    assert markdown.write_leaderboard(page, records, check=True)
    assert "Newest record: 2026-11-22." in page.read_text()


def test_a_first_call_is_not_passed_off_as_a_warm_one():
    made = record("cold", warm=2.0, cold=6.0).model_dump(by_alias=True)
    made["solve"]["warm_s"] = []
    line = next(line for line in markdown.table([Record.model_validate(made)]).splitlines() if line.startswith("| "))
    header = [name.strip() for name in line.split("|")]
    shown = markdown.table([Record.model_validate(made)])
    row = next(line for line in shown.splitlines() if "cold" in line and line.startswith("| **cold"))
    cells = dict(zip(header, (value.strip(" *") for value in row.split("|")), strict=True))
    assert cells["Warm/1"] == "–"
    assert cells["Cold"] == "6.00 s"
    assert cells["n = 6\u202f384"] == "6.00 s"
