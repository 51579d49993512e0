"""`rescore` scores again what it can, says what it passed over, and its exit status tells."""

from __future__ import annotations

from kineticbench import catalog
from kineticbench.engine import rescore as rescoring
from kineticbench.engine import scoring


def filled(shop, monkeypatch) -> None:
    shop.lab.run({"name": shop.lab.solver("good"), "seeds": [0, 1]}, shop.lab.solver("bad", "raise ValueError"))
    known, dataset = catalog.find, str(shop.lab.dataset)
    monkeypatch.setattr(catalog, "find", lambda kind, name: known(kind, dataset if name == "free" else name))


def test_a_changed_metric(shop, call, monkeypatch):
    filled(shop, monkeypatch)
    folder = str(shop.results)
    code, out, _ = call("rescore", folder)
    assert (code, out.splitlines()[0]) == (0, "0 scored again")
    told = {"2 passed over: Its scores are up to date.", "1 passed over: No solution was kept."}
    assert set(out.splitlines()[1:]) == told
    monkeypatch.setattr(scoring, "code", lambda _names: "f" * 64)
    code, out, _ = call("rescore", folder)
    assert (code, out.count("scored "), "2 scored again" in out) == (0, 3, True)
    solution = sorted((shop.results / "solutions").iterdir())[0]
    solution.unlink()
    code, out, err = call("rescore", folder, "--all")
    assert (code, "1 scored again" in out, err) == (1, True, "")
    assert f"1 passed over: {solution} is missing or not the file its record speaks of. Run the cell again." in out


def test_an_interruption_keeps_what_was_scored(shop, call, monkeypatch):
    filled(shop, monkeypatch)
    real, calls = rescoring._score, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(scoring, "code", lambda _names: "f" * 64)
    monkeypatch.setattr(rescoring, "_score", interrupted)
    code, _, err = call("rescore", str(shop.results))
    assert code == 130
    assert err == "kineticbench: interrupted; what was finished is kept, and the same command goes on.\n"
    scored = len(list(shop.results.glob("*.scores-*.json")))
    assert 1 <= scored <= 2
    monkeypatch.setattr(rescoring, "_score", real)
    code, out, _ = call("rescore", str(shop.results))
    assert (code, f"{2 - scored} scored again" in out) == (0, True)
