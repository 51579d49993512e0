"""Files of any content are taken or refused with a sentence; nothing else ever happens to who reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing.session import fuzz
from fuzzing.targets import targets
from fuzzing.watched import SECONDS, SLACK, Hangs, refusal

from kineticbench.contracts import InvalidInput

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["suites", "records", "claims", "checkpoints", "fits"])
def test_any_content_is_taken_or_refused(kind, tmp_path):
    assert kind in targets()
    found = fuzz(kind, 100, seed=1, keep=tmp_path)
    assert found.harm is None, (found.harm, *(path.read_text() for path in tmp_path.glob("*.traceback")))
    assert found.inputs >= 100
    assert found.refused > 0


def test_the_watch_finds_harm(tmp_path):
    def hangs(_folder: Path) -> None:
        while True:
            pass

    def eats(_folder: Path) -> None:
        bytearray(4 * SLACK)

    def breaks(_folder: Path) -> None:
        raise KeyError("x")

    def refuses(_folder: Path) -> None:
        raise InvalidInput("It is no good.", "Mend it.")

    assert refusal(refuses, tmp_path, 10) == "It is no good. Mend it."
    assert refusal(lambda _: None, tmp_path, 10) is None
    with pytest.raises(KeyError):
        refusal(breaks, tmp_path, 10)
    with pytest.raises(MemoryError):
        refusal(eats, tmp_path, 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fuzzing.watched.SECONDS", SECONDS / 50)
        with pytest.raises(Hangs):
            refusal(hangs, tmp_path, 10)


NESTED = "x = " + "[" * 100_000
BOMB = "\n".join(f'[[dataset]]\nname = "{"a" * 200}"' for _ in range(10_000))


@pytest.mark.parametrize(
    "text", [NESTED, BOMB, "x = " + "9" * 5000, '"\\u202e" = 1', "[[dataset]]\nname = 1\n[[solver]]\nname = 'a'"]
)
def test_a_suite_of_any_content_is_one_line_and_status_two(text, tmp_path):
    path = tmp_path / "suite.toml"
    path.write_text(text)
    words = [sys.executable, "-m", "kineticbench.cli", "run", str(path), "--results", str(tmp_path / "results")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "Traceback" not in done.stderr
