"""A cell has one identity however it was written down; a code hash changes with code and with nothing else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from kineticbench import catalog
from kineticbench.engine import code
from kineticbench.engine.cell import Cell, PlugInSetting, canonical_json, digest
from kineticbench.engine.code import code_hash, module_hash


def cell(**changes: Any) -> Cell:
    parameters, label = changes.pop("parameters", {"steps": 5}), changes.pop("label", "")
    dataset = PlugInSetting.of("datasets", "gaussian_ensemble", {"generator": "sheets"})
    return Cell(dataset, PlugInSetting.of("solvers", "sheets", parameters, label), **changes)


def test_equal_data_have_one_json() -> None:
    assert canonical_json({"b": 1, "a": [1.5, None]}) == '{"a":[1.5,null],"b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_identity_is_of_the_filled_in_settings() -> None:
    assert cell().id == cell(parameters={"steps": 5.0}, label="five").id
    assert cell().id == Cell.from_dict(cell().to_dict()).id
    others = [cell(seed=1), cell(threads=2), cell(precision="float32"), cell(cases=3), cell(parameters={"steps": 6})]
    assert len({c.id for c in [cell(), *others]}) == 6
    assert digest(cell().settings()) != cell().id  # labels are left out


@pytest.mark.parametrize(("name", "cases"), [("sheets", None), ('a "quoted" \u00e9\n\\', 3)])
def test_identity_is_the_digest_of_the_canonical_json(name: str, cases: int | None) -> None:
    setting = PlugInSetting(name, {"b": [1.5, None], "a": {"x": "\u2028"}}, "label")
    made = Cell(setting, setting, split='va"l', cases=cases, dataset_seed=4, seed=2, device="gpu", precision="float32")
    settings = made.settings()
    del settings["solver"]["setting"]
    assert made.id == digest(settings)


def test_cells_build_what_they_name() -> None:
    dataset, solver = cell().build()
    assert catalog.parameters(solver)["steps"] == 5
    assert catalog.parameters(dataset)["generator"] == "sheets"


SOURCE = '''"""Module."""
from kineticbench.contracts import Solver


class Mine(Solver):
    """Doc."""

    steps: int = {steps}  {comment}
'''


def written(path: Path, steps: int = 1, comment: str = "", doc: str = "Doc.") -> str:
    path.write_text(SOURCE.format(steps=steps, comment=comment).replace("Doc.", doc))
    return code_hash([catalog.find("solvers", str(path))])


def test_comments_and_docstrings_do_not_change_the_code_hash(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    plain = written(path)
    assert written(path, comment="# why") == plain
    assert written(path, doc="Another docstring.") == plain
    assert written(path, steps=2) != plain


def test_the_code_hash_does_not_depend_on_the_version_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "class A:\n    def f(self, x):\n        return x\n"
    (tmp_path / "a.py").write_text(source)
    (tmp_path / "b.py").write_text(source)
    parse = ast.parse

    def newer(text):
        """As Python 3.12 parses: definitions have a list of type parameters."""
        tree = parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and "type_params" not in node._fields:
                node.__dict__["_fields"] = (*node._fields, "type_params")
                node.__dict__["type_params"] = []
        return tree

    first = code._tree_hash(tmp_path / "a.py", 0)
    monkeypatch.setattr(ast, "parse", newer)
    assert code._tree_hash(tmp_path / "b.py", 0) == first


def test_the_code_hash_follows_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "kineticbench"
    (package / "numerics").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "numerics" / "__init__.py").touch()
    (package / "numerics" / "deep.py").write_text("VALUE = 1\n")
    (package / "numerics" / "direct.py").write_text("from .deep import VALUE\n")
    (package / "numerics" / "aside.py").write_text("VALUE = 1\n")
    monkeypatch.setattr("kineticbench.engine.code.PACKAGE", package)
    before = module_hash("kineticbench.numerics.direct")
    (package / "numerics" / "aside.py").write_text("VALUE = 22\n")
    assert module_hash("kineticbench.numerics.direct") == before
    (package / "numerics" / "deep.py").write_text("VALUE = 22\n")
    assert module_hash("kineticbench.numerics.direct") != before


def test_the_code_hash_of_an_installed_plug_in_follows_imports_of_its_package(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for name, text in {
        "__init__": "",
        "helper": "VALUE = 1\n",
        "aside": "VALUE = 1\n",
        "mine": "import numpy\nfrom .helper import VALUE\nfrom kineticbench.contracts import Solver\n"
        "class Mine(Solver): ...\n",
    }.items():
        (theirs / f"{name}.py").write_text(text)
    plug_in = catalog.read("solvers", theirs / "mine.py", "theirs.mine")
    assert plug_in is not None
    before = code_hash([plug_in])
    (theirs / "aside.py").write_text("VALUE = 22\n")
    assert code_hash([plug_in]) == before
    (theirs / "helper.py").write_text("VALUE = 22\n")
    assert code_hash([plug_in]) != before
