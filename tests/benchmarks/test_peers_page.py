"""The page is made from the samples alone, the one in the repository too; asv finds nothing among the peers."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asv_runner.benchmarks import benchmark_types
from benchmarks import peers
from benchmarks.peers.__main__ import PAGE, SAMPLES, arguments, chosen, main, read
from benchmarks.peers.comparison import FILES, find, keys
from benchmarks.peers.page import page

from kineticbench.contracts import InvalidInput, UnknownName

ROOT = Path(__file__).parents[2]


def side(seconds: float, **more: Any) -> dict[str, Any]:
    return {"reason": None, "units": 1e6, "version": None, "error": 1e-7} | {
        "seconds": [seconds] * 7,
        "calls": [1] * 7,
        **more,
    }


def row(key: str, ours: dict[str, Any], theirs: dict[str, Any], target: float | None = None) -> dict[str, Any]:
    told = {"work": f"work of {key}", "unit": "pair", "measure": "U, relative", "peer": "Peer", "target": target}
    return {"key": key, "device": "cpu", "ours": ours, "theirs": theirs, "kernel_s": [1.0, 1.0], **told}


def run(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": "2026-11-26",
        "commit": "0123456789abcdef",
        "dirty": False,
        "hardware": {"id": "abc", "cpu": "A processor", "cores": 2, "gpu": None},
        "packages": {"python": "3.11.7", "numpy": "2.4.6"},
        "device": "cpu",
        "rounds": 7,
        "seconds": 0.3,
        "sections": {"pic": {"title": "Particles", "text": "In cells."}},
        "rows": list(rows),
    }


def test_a_row_says_what_was_measured():
    text = page(run(row("pic/a", side(0.5), side(4.0, version="1.2", error=2e-3), target=5)))
    assert "| work of pic/a | Peer 1.2 | 2.00 M pairs/s | 250 k pairs/s | **8.00** (8.00–8.00) |" in text
    assert "| U, relative | 1e-07 | 0.002 |" in text
    assert "commit `0123456789ab`, on A processor, 2 cores" in text
    assert "**Target** 5 times Peer, work of pic/a: met (8.00)" in text
    assert "**Behind**: nowhere" in text


def test_where_we_are_behind_is_said():
    text = page(run(row("pic/a", side(4.0), side(1.0), target=2), row("pic/b", side(1.0), side(1.0))))
    assert "**Behind**: Peer, work of pic/a (4.00 times slower)." in text
    assert "**Level**, within the interval: Peer, work of pic/b." in text
    assert "missed (0.250, 0.250 to 0.250)" in text


def test_a_side_that_failed_has_its_reason_in_the_table():
    text = page(run(row("pic/a", side(1.0), {"reason": "nvrtc | crashed"}, target=2)))
    assert "not measured: nvrtc \\| crashed | — |" in text
    assert "work of pic/a: not measured." in text


def test_a_noisy_row_is_marked():
    noisy = {**row("pic/b", side(1.0), side(1.0)), "kernel_s": [1.0, 2.0]}
    text = page(run(row("pic/a", side(1.0), side(1.0)), noisy))
    assert "work of pic/b ~ |" in text
    assert "work of pic/a ~" not in text


def test_the_page_of_the_repository_is_that_of_its_samples(tmp_path):
    samples = read(SAMPLES)
    assert PAGE.read_text(encoding="utf-8") == page(samples)
    assert page(json.loads(json.dumps(samples))) == page(samples)
    main(["--write-only", "--page", str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_bytes() == PAGE.read_bytes()
    measured = [one["key"] for one in samples["rows"]]
    assert measured == [key for key in keys(FILES) if key in measured]
    assert {"pic/jax-in-cell", "pair_sums/keops float32", "wasserstein/pot", "wasserstein/scipy"} <= set(measured)
    assert samples["commit"]
    assert not samples["dirty"]


def test_rows_are_chosen_by_file_or_name():
    assert [key for key, _ in chosen(["pic"], "cpu")] == keys(["pic"])
    assert [key for key, _ in chosen(["wasserstein/pot", "pic"], "cpu")] == [*keys(["pic"]), "wasserstein/pot"]
    assert {key.partition("/")[0] for key, _ in chosen(None, "gpu")} == {"pic", "pair_sums"}
    with pytest.raises(UnknownName, match="Did you mean 'pic'"):
        chosen(["pick"], "cpu")
    with pytest.raises(UnknownName, match="wasserstein/pot"):
        find("wasserstein/pott")


def test_parts_do_not_replace_the_official_samples():
    assert arguments([]).samples == SAMPLES
    assert arguments([]).page == PAGE
    for given in (["--only", "pic"], ["--device", "gpu"]):
        assert arguments(given).samples.parent == arguments(given).page.parent == ROOT / "results"


@pytest.mark.parametrize("given", [["--rounds", "0"], ["--limit", "0"], ["--write-only", "--samples", "nowhere.json"]])
def test_bad_arguments_are_refused(given):
    with pytest.raises(InvalidInput):
        main(given)


def test_bad_input_is_one_line_and_status_2():
    command = [sys.executable, "-m", "benchmarks.peers", "--only", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Unknown comparison 'nothing'.")
    assert done.stderr.count("\n") == 1


def test_asv_finds_nothing_and_imports_little():
    names = [module.name for module in pkgutil.walk_packages(peers.__path__, f"{peers.__name__}.")]
    assert len(names) > len(FILES)
    for module in map(importlib.import_module, names):
        for name, value in vars(module).items():
            inside = dir(value) if inspect.isclass(value) else []
            for candidate in [name, *inside]:
                assert not any(kind.name_regex.match(candidate) for kind in benchmark_types), (module, candidate)
    code = f"import sys; {'; '.join(f'import {name}' for name in names)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"jax", "torch", "numba", "pykeops", "jaxincell", "sklearn", "benchopt"} & set(done.stdout.split())
