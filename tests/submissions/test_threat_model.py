"""Every claim of the threat model names a test that is there."""

from __future__ import annotations

import ast
import re

from kineticbench.catalog import PACKAGE

ROOT = PACKAGE.resolve().parents[1]


def test_every_test_that_it_names_is_there():
    text = (ROOT / "docs" / "threat_model.md").read_text()
    named, last = 0, ""
    for file, name in re.findall(r"`(tests/[a-z0-9_/]+\.py|…)(?:::([a-z0-9_]+))?`", text):
        last = last if file == "…" else file
        source = (ROOT / last).read_text()
        functions = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
        assert not name or name in functions, (last, name)
        assert any(function.startswith("test_") for function in functions)
        named += 1
    assert named > 20
    rows = [line for line in text.splitlines() if line.startswith("|") and line.count("|") == 4]
    assert all("`tests/" in row or "`…::" in row for row in rows[2:]), [row for row in rows if "tests" not in row]
