"""`compare` tells by its exit status, and prints a table, JSON and Markdown."""

import json

import pytest
from compared import factory, folder

from kineticbench.results.store import Store


@pytest.fixture
def write(tmp_path):
    def written(name, records):
        for record in records:
            Store(tmp_path / name).write(record)
        return str(tmp_path / name)

    return written


def test_exit_status_and_table(write, call, tmp_path):
    old, same, slow = write("old", folder(1)), write("same", folder(2)), write("slow", folder(2, slower="pic"))
    code, out, err = call("compare", old, same)
    assert (code, out, err) == (0, "0 worse, 0 better, 21 the same, 0 unclear in 7 settings (least effect 10%).\n", "")
    code, out, _ = call("compare", old, slow, "--markdown", str(tmp_path / "table.md"))
    assert code == 1
    assert "1 worse" in out
    assert any(line.startswith("worse") and "pic" in line and "seconds a call" in line for line in out.splitlines())
    text = (tmp_path / "table.md").read_text()
    assert text.startswith("### Benchmarks\n")
    assert "| worse | gaussian&#95;ensemble | pic  5 steps | seconds a call |" in text
    assert call("compare", old, same, "--all")[1].count("same ") == 21


def test_json(write, call):
    code, out, _ = call("compare", write("old", folder(1)), write("new", folder(2, worse="blob")), "--json")
    told = json.loads(out)
    assert (code, told["schema"], told["worse"], told["runs"]) == (1, "kineticbench/comparison/1", 1, [3, 3])
    (worse,) = [change for change in told["changes"] if change["verdict"] == "worse"]
    assert (worse["solver"], worse["quantity"], worse["seeds"]) == ("blob", "w1", [0])
    assert worse["ratio"] == pytest.approx(1.1)


def test_hostile_names_stay_text(write, call, tmp_path):
    name = "<script>alert(1)</script>|[x](http://e)`*\x1b[31m\n"
    old = [factory.record("pic", name, errors={"w1": 0.1})]
    new = [factory.record("pic", name, errors={"w1": 0.2})]
    code, out, _ = call("compare", write("a", old), write("b", new), "--markdown", str(tmp_path / "t.md"))
    assert code == 1
    assert "\x1b[31m" not in out
    row = next(line for line in (tmp_path / "t.md").read_text().splitlines() if line.startswith("| worse"))
    assert "<" not in row
    assert "](" not in row
    assert row.count("|") == 8


def test_hostile_reasons_stay_text(write, call, tmp_path):
    reason = "<img src=x onerror=alert(1)> [bold]x[/bold] [x](http://e) \\"
    old, new = [factory.record("pic")], [factory.record("pic", state="diverged", reason=reason)]
    code, out, _ = call("compare", write("a", old), write("b", new), "--markdown", str(tmp_path / "t.md"))
    assert code == 1
    assert out.count(reason) == 2  # in the table and below it, as it is
    text = (tmp_path / "t.md").read_text()
    assert text.count("alert") == 2
    assert "<" not in text
    assert "](" not in text


def test_bad_input(write, call, tmp_path):
    here = write("here", folder(1, 1))
    for words, told in (
        ((here, str(tmp_path / "nowhere")), "There is no results folder"),
        ((here, here, "--least", "-1"), "cannot be meant"),
        ((here, write("other", [factory.record("lonely")])), "no cell in common"),
    ):
        code, out, err = call("compare", *words)
        assert (code, out) == (2, "")
        assert told in err
        assert "Traceback" not in err
