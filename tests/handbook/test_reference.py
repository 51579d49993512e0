"""The Python reference names every public thing, and its directives nest."""

from __future__ import annotations

import re

from handbook import reference

import kineticbench.contracts as contracts
from kineticbench.ranking import intervals


def test_every_public_contract_is_there():
    page = reference.module_page(contracts)
    for name in contracts.__all__:
        assert re.search(rf"^`+\{{py:\w+\}} {name}\b", page, re.MULTILINE), name
    assert '`Float[np.ndarray, "snapshot"]`' in page or "`Float[np.ndarray, 'snapshot']`" in page
    assert "{py:method} unsupported(problem)" in page


def test_only_what_a_module_defines_itself_is_its_own():
    held = reference.public(intervals)
    assert set(held) == {"Interval", "ErrorSample", "difference", "prepare"}
    assert "{py:property} half_width" in reference.module_page(intervals)


def test_fences_close_what_they_open():
    for path, page in reference.reference().items():
        open_: list[str] = []
        for line in page.splitlines():
            fence = re.match(r"`{3,}", line)
            if fence is None:
                continue
            if open_ and line == open_[-1]:
                open_.pop()
            else:
                assert not open_ or len(fence[0]) < len(open_[-1]), (path, line)
                open_.append(fence[0])
        assert open_ == [], path


def test_there_is_a_page_for_each_module():
    pages = reference.reference()
    assert len(pages) == len(reference.MODULES) + 1
    assert all(f"({name}.md)" in pages["reference/index.md"] for name in reference.MODULES)
