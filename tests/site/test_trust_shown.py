"""Who ran and who scored a result is shown wherever the result is."""

from __future__ import annotations

import json
from pathlib import Path

from record_factory import record

from kineticbench.results.store import Store
from kineticbench.results.trust import ORDER
from kineticbench.site import markdown
from kineticbench.site.build import build
from kineticbench.site.scripts import data_of


def test_every_word_is_on_the_boards_on_records_and_in_remarks(tmp_path: Path):
    store = Store(tmp_path / "records")
    made = [record(f"solver_{place}", trust=word) for place, word in enumerate(ORDER)]
    for one in made:
        store.write(one)
    build(store.folder, tmp_path / "site")
    boards = "".join(path.read_text() for path in sorted((tmp_path / "site" / "data" / "boards").glob("*.js")))
    for one in made:
        assert json.dumps(one.trust) in boards
        script = tmp_path / "site" / "data" / "records" / f"{one.cell[:2]}.js"
        assert data_of(script.read_bytes())[f"{one.cell}.{one.run}"]["trust"] == one.trust
    told = markdown.table(made).replace("\\", "")
    assert "self-reported" in told
    assert "rescored here" in told
