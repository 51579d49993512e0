import json
import re
import sys

import pytest
from record_factory import MACHINE, record

from kineticbench.contracts import InvalidInput
from kineticbench.results.record import Record
from kineticbench.results.store import Store
from kineticbench.site.build import build, make, picture
from kineticbench.site.output import STAMP
from kineticbench.site.scripts import data_of

HOSTILE = [
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "\u202egnp.exe\x00\x1b[31m",
    "y" * 10_000,
    "</title></svg></style><script>alert(1)</script>",
    "'; DROP TABLE; --",
    "",
    " ",
]


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def store_of(folder, records):
    store = Store(folder)
    for one in records:
        store.write(one)
    return store.folder


def hostile_records():
    for place, text in enumerate(HOSTILE):
        made = record(
            text,
            text,
            {text: text},
            dataset=text,
            dataset_parameters={text: text},
            errors={text: 0.1},
            reason=text,
            hardware={**MACHINE, "id": text, "cpu": text, "gpu": text, "system": text},
            fit_hardware=text,
            run=f"20261122T1200{place:02}Z-0001",
        ).model_dump(by_alias=True)
        made["command"] = made["code"]["commit"] = made["code"]["hash"] = text
        made["settings"]["dataset"]["split"] = text
        made["packages"] = {text: text}
        made["metrics"]["missing"] = {text: text}
        made["diagnostics"] = {text: [1.0, 2.0, None], f"{text} ": 1e308}
        made["stored"] = {"log": text, "solution": {"file": text, "sha256": text, "kept": "all"}}
        made["solve"]["warm_s"] = [1e308, 1e-308]
        yield Record.model_validate(made)
        yield record(text, state="error", reason=text, run=f"20261122T1300{place:02}Z-0001")


def shard(found, one):
    return data_of(found[f"data/records/{one.cell[:2]}.js"])[f"{one.cell}.{one.run}"]


def test_the_site_has_a_page_for_every_kind_and_data_for_every_record(site, records):
    found = files(site)
    pages = {name for name in found if name.endswith(".html")}
    solvers = {one.settings.solver.name for one in records}
    assert {"index.html", "results.html", "record.html", "guide-methodology.html"} <= pages
    assert sum(name.startswith("solver-") for name in pages) == len(solvers) == 6
    assert sum(name.startswith(("gaussian_ensemble-", "landau_damping-")) for name in pages) == 2
    assert len([name for name in found if name.startswith("data/records/")]) == 256
    for one in records:
        shown = shard(found, one)
        assert shown["command"] == one.command
        assert shown["state"] == one.state
        assert shown["reason"] == (one.reason or "")
        assert "Example CPU 9000" in shown["machine"]
        assert (one.solve is None) == ("solve" not in shown)
        if one.solve is not None:
            assert shown["solve"]["warm"] == pytest.approx(one.solve.warm_s, rel=1e-5)


def test_every_link_leads_somewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text()
        identifiers = re.findall(r'\bid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers)), path
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target, _, fragment = link.partition("#")
            if target == "record.html":
                assert f'"{fragment}":' in (site / "data" / "records" / f"{fragment[:2]}.js").read_text()
                continue
            page = (path.parent / target).resolve() if target else path
            assert page.is_file(), (path, link)
            assert page.is_relative_to(site.resolve())
            if fragment:
                assert f'id="{fragment}"' in page.read_text(), link


def test_nothing_is_asked_of_another_host(site):
    for name, content in files(site).items():
        if name.endswith((".html", ".css", ".js", ".svg")):
            text = content.decode().replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?:|//[a-z]+\.|@import|url\((?!#)", text), name


def test_pages_forbid_scripts_and_styles_of_their_own(site):
    for path in site.rglob("*.html"):
        text = path.read_text()
        assert "default-src 'none'; style-src 'self'; script-src 'self'" in text
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|<script(?! src=)", text), path


def test_the_same_records_give_the_same_bytes(tmp_path, site, folder, records):
    other = store_of(tmp_path / "other", records[::-1])
    build(other, tmp_path / "again")
    assert files(tmp_path / "again") == files(site)


def test_building_again_makes_only_what_changed_and_the_same_bytes(tmp_path, records):
    folder, output = store_of(tmp_path / "records", records[:-1]), tmp_path / "site"
    first = make(folder, output)
    assert first.written == first.files
    assert make(folder, output).written == 0
    Store(folder).write(records[-1])
    again = make(folder, output)
    assert 0 < again.written < first.files / 4
    assert again.bytes == sum(len(content) for content in files(output).values())
    make(folder, tmp_path / "fresh")
    assert files(output) == files(tmp_path / "fresh")


@pytest.mark.parametrize("interpreter", [sys.executable, "/bin/false", "/nowhere"])
def test_a_second_process_changes_nothing_but_the_time(tmp_path, folder, site, monkeypatch, interpreter):
    monkeypatch.setattr("kineticbench.site.records_part._HELPED_FROM", 1)
    monkeypatch.setattr("kineticbench.site.records_part.sys.executable", interpreter)
    build(folder, tmp_path / "site")
    assert files(tmp_path / "site") == files(site)


def test_a_file_of_the_old_site_that_was_cut_short_is_made_again(tmp_path, folder, site):
    output = tmp_path / "site"
    build(folder, output)
    for path in (*(output / "data").rglob("*.js"), output / "index.html"):
        path.write_bytes(path.read_bytes()[:-3])
    (output / STAMP).write_text((output / STAMP).read_text())
    build(folder, output)
    assert files(output) == files(site)
    (output / STAMP).write_text("nonsense")
    build(folder, output)
    assert files(output) == files(site)


def test_pages_of_asv_are_copied_in_and_kept(tmp_path, folder):
    asv, output = tmp_path / "html", tmp_path / "site"
    (asv / "graphs").mkdir(parents=True)
    (asv / "index.html").write_text("history")
    (asv / "graphs" / "a.json").write_text("[]")
    (asv / "link").symlink_to("/etc/hostname")
    build(folder, output)
    assert ">Performance<" not in (output / "index.html").read_text()
    make(folder, output, asv)
    build(folder, output)
    assert (output / "performance" / "graphs" / "a.json").read_text() == "[]"
    assert not (output / "performance" / "link").exists()
    assert 'href="performance/index.html"' in (output / "index.html").read_text()
    with pytest.raises(InvalidInput, match=r"no index\.html"):
        make(folder, output, tmp_path)


def test_seconds_of_other_machines_are_marked_and_not_added(tmp_path):
    folder = store_of(tmp_path / "r", [record("nhf", family="learned", fit=99.0, fit_hardware="far away"), record()])
    build(folder, tmp_path / "site")
    data = data_of(files(tmp_path / "site")["data/results.js"])
    place = data["columns"]["solver"].index(data["solvers"].index("nhf"))
    assert data["columns"]["elsewhere"][place] == "far away"
    assert data["columns"]["all"][place] is None
    (page,) = (tmp_path / "site").glob("gaussian_ensemble-*.html")
    assert "99.0 s*" in page.read_text()


def test_hostile_records_are_shown_as_text_and_write_nothing_outside(tmp_path):
    work = tmp_path / "work"
    folder = store_of(work / "records", hostile_records())
    build(folder, work / "site")
    assert sorted(path.name for path in work.iterdir()) == ["records", "site"]
    found = files(work / "site")
    shown = [data_of(content) for name, content in found.items() if name.startswith("data/records/")]
    assert sum(len(one) for one in shown) == 2 * len(HOSTILE)
    for name, content in found.items():
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", name), name
        if name.endswith(".js") and name.startswith("data/"):
            assert not re.search(rb"[<>&]|[^\x00-\x7f]|[\x00-\x09\x0b-\x1f]", content), name
            assert content.startswith(b"kineticbench(")
        if not name.endswith(".html"):
            continue
        text = content.decode()
        assert not re.search(r"<script(?! src=\"static/)", text), name
        assert "<img src=x" not in text
        assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)
        for hidden in ("\u202e", "\x00", "\x1b", "y" * 4001):
            assert hidden not in text
        assert not re.search(r'href="\s*javascript:', text)
    assert any("&lt;script&gt;" in content.decode() for name, content in found.items() if name.endswith(".html"))


def test_a_site_replaces_a_site_and_nothing_else(tmp_path, folder):
    output = tmp_path / "site"
    build(folder, output)
    (output / "left.html").write_text("from before")
    build(folder, output)
    assert not (output / "left.html").exists()
    assert (output / STAMP).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    with pytest.raises(InvalidInput, match="not a site of ours"):
        build(folder, mine)
    assert (mine / "thesis.tex").read_text() == "years of work"
    for place in (folder, folder.parent):
        with pytest.raises(InvalidInput, match="holds the records"):
            build(folder, place)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="not a folder"):
        build(folder, tmp_path / "file")
    with pytest.raises(InvalidInput, match="no results folder"):
        build(tmp_path / "nowhere", tmp_path / "other")


def test_a_failing_build_leaves_the_old_site(tmp_path, folder, monkeypatch):
    output = tmp_path / "site"
    build(folder, output)
    before = files(output)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kineticbench.site.build.write_board", fail)
    with pytest.raises(InvalidInput, match="No space left"):
        build(folder, output)
    assert files(output) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_empty_folder_and_torn_files_make_a_site(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    build(folder, tmp_path / "site")
    assert "no records yet" in (tmp_path / "site" / "index.html").read_text()
    (folder / f"{'a' * 64}.20261122T120000Z-0001.json").write_text('{"schema": ')
    (folder / "<b>x.json").write_text(json.dumps({}))
    build(folder, tmp_path / "site")
    text = (tmp_path / "site" / "index.html").read_text()
    assert "passed over" in text
    assert "&lt;b&gt;x.json" in text


def test_the_log_is_shown_from_our_own_path_only(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do not show")
    one = record(stored={"log": "../secret.txt", "solution": None})
    folder = store_of(tmp_path / "records", [one])
    path = Store(folder).log_path(one.cell, one.run)
    path.parent.mkdir(exist_ok=True)
    path.write_text("step 1\n<b>step 2</b>\n")
    build(folder, tmp_path / "site")
    assert shard(files(tmp_path / "site"), one)["log"] == "step 1\n<b>step 2</b>"
    assert all(b"do not show" not in content for content in files(tmp_path / "site").values())


def test_the_picture_stands_alone(tmp_path, folder):
    import xml.etree.ElementTree as ElementTree

    path = tmp_path / "docs" / "picture.svg"
    picture(folder, path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    text = path.read_text()
    assert "pde_nhf" in text
    assert "<script" not in text
    assert "href" not in text
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidInput, match="nothing to draw"):
        picture(empty, path)
