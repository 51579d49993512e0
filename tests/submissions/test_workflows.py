"""Workflows give nothing to whoever opens a pull request."""

from __future__ import annotations

import re

import pytest

from kineticbench.catalog import PACKAGE

ROOT = PACKAGE.resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_gives_secrets_to_a_pull_request(path):
    text = path.read_text()
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE)
    assert "secrets." not in text
    if "pull_request" in text:
        # what a pull request may write, GitHub withholds from forks
        writes = set(re.findall(r"([a-z-]+): write", text))
        assert writes <= {"pull-requests"}
        # a title or a branch in a script would be executed with it
        for line in re.findall(r"run: .*|^ {10,}.*", text, re.MULTILINE):
            assert "${{ github.event.pull_request.title" not in line
            assert "head.ref" not in line


def test_submissions_are_looked_at_by_the_code_of_the_base_and_never_checked_out():
    text = (ROOT / ".github" / "workflows" / "submission.yml").read_text()
    assert "ref: ${{ github.event.pull_request.base.sha }}" in text
    assert "persist-credentials: false" in text
    assert text.count("actions/checkout") == 1
    assert "git checkout" not in text
    assert 'verify --files "$BASE" --head "$HEAD"' in text
