"""Documents and bytes, changed in ways that nobody means."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1,
    2, 0.5, -0.5, 1e-12, 1e150, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400, 0.0, -0.0, 1e-320, 1e308, -1e308,
    "", " ", ".", "..", "/", "../../etc/passwd", "evil.py", "/tmp/evil.py", "a" * 5000, "\n", "\r", "\x00", "\x1b[31m",
    "\u202e", "\u2066x\u2069", "\u200b", "\ufeff", "é", "漢字", "<script>", "${x}", "{{x}}", "%s%n", "__proto__", "-1",
    "1e999", "NaN", "null", [], {}, [[]], {"": ""}, [None], [0] * 500, [1e308] * 70, [[0.5] * 3], [[None] * 64],
    {"a": {"b": {"c": [1, {"d": None}]}}},
]  # fmt: skip
_KEYS = st.sampled_from(
    ["", "name", "schema", "cell", "seed", "parameters", "__metadata__", "x" * 300, "\n", "\u202e", "é"]
)


def _deep(depth: int) -> Any:
    held: Any = 0
    for number in range(depth):
        held = [held] if number % 2 else {"a": held}
    return held


_TOKENS = [
    *(b"[" * 3000, b'{"a":' * 3000, b"{a=" * 3000, b"9" * 5000),
    *(b'"', b'"\\u202e",', b'"\\ud800"', b"nan,", b"1e999", b"\n", b"null,", b"-"),
]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=8), part, max_size=4),
    max_leaves=8,
)
VALUES = st.sampled_from(HOSTILE) | PLAIN | st.integers(1, 150).map(_deep)


@st.composite
def documents(draw: st.DrawFn, originals: list[Any]) -> Any:
    """One of some documents with a few of its parts replaced, removed, doubled or named otherwise."""
    document = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 3))):
        document = _changed(draw, document)
    return document


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of a document, as what holds it and where."""
    for place in sorted(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield node, place
        yield from _places(node[place])


def _changed(draw: st.DrawFn, document: Any) -> Any:
    places = list(_places(document))[:2000]
    if not places or not draw(st.integers(0, 30)):
        return copy.deepcopy(draw(VALUES))
    parent, place = places[draw(st.integers(0, len(places) - 1))]
    node = parent[place]
    action = draw(st.sampled_from(["alike", "alike", "alike", "replace", "remove", "double", "rename"]))
    if action == "alike":
        parent[place] = copy.deepcopy(draw(st.sampled_from(_alike(node))))
    elif action == "remove":
        del parent[place]
    elif action == "double" and isinstance(parent, list):
        parent.extend([copy.deepcopy(node)] * draw(st.integers(1, 3)))
    elif action == "rename" and isinstance(parent, dict):
        parent[draw(_KEYS)] = parent.pop(place)
    else:
        parent[place] = copy.deepcopy(draw(VALUES))
    return document


def _alike(value: Any) -> list[Any]:
    """Hostile values of the same type, which a reader is the more likely to take."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    kinds = (int, float) if number else type(value)
    return [it for it in HOSTILE if isinstance(it, kinds) and isinstance(it, bool) == isinstance(value, bool)]


@st.composite
def scratched(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of some files with a few bytes changed, cut off, put in, repeated or emptied."""
    held = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(held)))
        action = draw(st.sampled_from(["change", "cut", "insert", "repeat", "empty", "token"]))
        some = draw(st.binary(min_size=1, max_size=8))
        if action == "change":
            held[at : at + len(some)] = some
        elif action == "cut":
            del held[at:]
        elif action == "insert":
            held[at:at] = some
        elif action == "repeat":
            held[at:at] = held[at : at + draw(st.integers(1, 200))] * draw(st.integers(1, 20))
        elif action == "empty":
            held[at : at + draw(st.integers(1, 64))] = bytes(draw(st.integers(0, 64)))
        else:
            held[at:at] = draw(st.sampled_from(_TOKENS))
    return bytes(held)


@st.composite
def planted(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of some files with one token put where a reader looks for a value."""
    held = draw(st.sampled_from(originals))
    at = draw(st.sampled_from([place + 1 for place, byte in enumerate(held) if byte in b"=:[,{"] or [0]))
    return held[:at] + draw(st.sampled_from(_TOKENS)) + held[at:]


def files(texts: list[bytes]) -> st.SearchStrategy[bytes]:
    """Files of text, whatever has become of them."""
    return planted(texts) | scratched(texts) | st.binary(max_size=60)


def as_json(document: Any) -> bytes:
    """JSON, as far as a document is any."""
    return json.dumps(document).encode("utf-8", "surrogatepass")


def as_toml(document: Any) -> bytes:
    """TOML, as far as a document is any: null is left out, and what is no table is written as text."""
    if not isinstance(document, dict):
        return as_json(document)
    lines = [f"{_key(name)} = {_inline(value)}" for name, value in document.items() if value is not None]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(k)} = {_inline(v)}' for k, v in value.items() if v is not None)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(part) for part in value if part is not None)}]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(value), repr(value))
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
