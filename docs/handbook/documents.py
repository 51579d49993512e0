"""Blocks of code in Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(?P<before>[^\n]*\n\n|\A)^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_INSTEAD = re.compile(r"<!-- tests run:\n(.*?)\n-->\n\n```bash\n.*?\n```", re.DOTALL)
_NAME = re.compile(r"as `([\w.]+)`:\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what it says, and the file it is to be saved as, where the text says so."""

    language: str
    body: str
    name: str | None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page in their order; what tests shall run instead of one takes its place."""
    text = _INSTEAD.sub(lambda found: f"```bash\n{found[1]}\n```", page.read_text(encoding="utf-8"))
    made = []
    for found in _BLOCK.finditer(text):
        named = _NAME.search(found["before"].strip())
        made.append(Block(found["language"], found["body"], named[1] if named else None))
    return made
