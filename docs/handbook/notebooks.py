"""Notebooks run anew and written as pages; what an answer depends on decides whether it is asked again.

A notebook is kept without outputs. Its text, and its outputs in Markdown and SVG, become a page; an error in a cell is
an error of the build.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kineticbench.catalog import PACKAGE

from .writing import listing, page

SECONDS = 120  # for a cell


def sources(folder: Path) -> list[Path]:
    """The notebooks of a folder."""
    return sorted(folder.glob("*.ipynb"))


def run(path: Path) -> Any:
    """The notebook with its outputs; `nbclient.exceptions.CellExecutionError` where a cell fails."""
    import nbformat
    from nbclient import NotebookClient

    # the kernel shall find the package that this process has
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
        log=logging.getLogger(__name__),
    )
    return client.execute(env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)})


def rendered(path: Path) -> dict[str, bytes]:
    """The page of a notebook and its pictures, by name."""
    notebook, files, parts = run(path), {}, []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            if "hide-input" not in cell.metadata.get("tags", ()):
                parts.append(listing(cell.source, "python"))
            for output in cell.outputs:
                parts += _shown(output, path.stem, files)
    files[f"{path.stem}.md"] = page(*parts).encode()
    return files


def fingerprint(path: Path, others: Iterable[Path]) -> str:
    """A hash of a notebook and of all that its answer depends on."""
    found = hashlib.sha256(path.read_bytes())
    for other in sorted(others):
        found.update(other.name.encode())
        found.update(other.read_bytes())
    return found.hexdigest()


def _shown(output: Any, stem: str, files: dict[str, bytes]) -> Iterator[str]:
    if output.output_type == "stream":
        yield listing(output.text)
        return
    held = output.get("data", {})
    if "text/markdown" in held:
        yield held["text/markdown"]
    elif "image/svg+xml" in held or "image/png" in held:
        kind = "svg" if "image/svg+xml" in held else "png"
        content = held["image/svg+xml"].encode() if kind == "svg" else base64.b64decode(held["image/png"])
        name = f"{stem}-{len(files)}.{kind}"
        files[name] = content
        yield f"![{output.get('metadata', {}).get('alt', 'Picture of the cell above')}]({name})"
    elif "text/plain" in held:
        yield listing(held["text/plain"])
