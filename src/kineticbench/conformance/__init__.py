"""What every solver and every dataset promises, tried on small problems, and said in plain words where it is broken.

`kineticbench check NAME` tries a plug-in in a process of its own; `broken` does so in this one, for tests:

    def test_my_method_keeps_every_promise():
        assert broken("my_method") == []
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .outcome import Finding


def broken(name: str, **parameters: Any) -> list[Finding]:
    """What is to be mended in the solver or dataset of that name or in that file; it is executed in this process.

    Parameters
    ----------
    name
        A name that is known, or the path of a file.
    parameters
        Those that a dataset is tried with instead of its defaults, for tests that shall not take long.

    Raises
    ------
    InvalidInput
        For a name that nothing has, and a file without a plug-in or with several.
    """
    from .suite import subject, tried

    return [finding for finding in tried(subject(name, **parameters)) if finding.state == "broken"]


__all__ = ["broken"]
