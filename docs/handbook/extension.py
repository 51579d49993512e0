"""The Sphinx extension: writes what programs write before Sphinx reads the pages.

Everything lands in `docs/generated`, where a file that has not changed is not touched, so that Sphinx builds only what
has. Pages that people write take parts of it in (`{include}`) or link to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kineticbench.ranking.boards import boards
from kineticbench.results.store import Store

from . import cards, convergence, notebooks, papers, reference, studies

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "docs" / "generated"
RECORDS = ROOT / "leaderboard" / "records"
MEASURED = ROOT / "benchmarks" / "validation" / "measured.json"


def pages(records: Path = RECORDS, measured: Path = MEASURED) -> dict[str, bytes]:
    """Everything but notebooks, by its path below `docs/generated`."""
    held = Store(records).read().records
    ranked = boards(held)
    made: dict[str, str] = cards.cards(cards.Evidence(held, ranked)) | reference.reference()
    asked = [*studies.from_records(ranked), *convergence.measured(measured)]
    made["parts/convergence.md"] = convergence.sections(asked)
    made |= {f"parts/{study.key}.svg": convergence.picture(study) for study in asked}
    made["parts/further.md"] = further()
    made["parts/pde_nhf.md"] = papers.hamiltonian_flow(ranked)
    made["parts/pde_nhf_cost.md"] = papers.hamiltonian_flow_cost(ranked)
    made["parts/pinn_pm.md"] = papers.landau_particles(ranked)
    made["parts/sbtm.md"] = papers.score_transport(ranked)
    return {name: text.encode() for name, text in made.items()}


def further(docs: Path = ROOT / "docs") -> str:
    """A table of contents of those pages that people wrote and the first page does not lead to."""
    first = (docs / "index.md").read_text(encoding="utf-8")
    led_to = {"index", *re.findall(r"^(?:[^|\n]* <)?([\w/]+)>?$", first, flags=re.MULTILINE)}
    names = [path.relative_to(docs).with_suffix("").as_posix() for path in sorted(docs.rglob("*.md"))]
    left = [name for name in names if name not in led_to and not name.startswith(("_build/", "generated/"))]
    return (
        "\n".join(["```{toctree}", ":hidden:", ":caption: Further pages", "", *left, "```", ""]) if left else "% none\n"
    )


def write(folder: Path, made: dict[str, bytes]) -> int:
    """Bring a folder to hold these files and no others; how many changed."""
    changed = 0
    for name, content in made.items():
        path = folder / name
        if not (path.is_file() and path.read_bytes() == content):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            changed += 1
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in made:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return changed


def answered(folder: Path, sources: Iterable[Path]) -> dict[str, bytes]:
    """Pages of notebooks; those whose notebook, records and code are the same as before are taken over."""
    others = [*RECORDS.glob("*.json"), *(ROOT / "src" / "kineticbench").rglob("*.py"), *ROOT.glob("benchmarks/*.py")]
    made: dict[str, bytes] = {}
    for path in sources:
        print_ = notebooks.fingerprint(path, others).encode()
        stamp = f"notebooks/{path.stem}.stamp"
        kept = folder / stamp
        if kept.is_file() and kept.read_bytes() == print_ and (folder / f"notebooks/{path.stem}.md").is_file():
            own = [folder / f"notebooks/{path.stem}.md", *(folder / "notebooks").glob(f"{path.stem}-*.*")]
            made |= {f"notebooks/{one.name}": one.read_bytes() for one in own}
        else:
            made |= {f"notebooks/{name}": content for name, content in notebooks.rendered(path).items()}
        made[stamp] = print_
    return made


def generate(_app: Any = None) -> None:
    """Write all of it."""
    made = pages() | answered(GENERATED, notebooks.sources(ROOT / "docs" / "notebooks"))
    write(GENERATED, made)


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx of it."""
    from . import mathematics  # needs docutils, which comes with Sphinx

    mathematics.setup(app)
    app.connect("builder-inited", generate)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
