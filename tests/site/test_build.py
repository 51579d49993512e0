import html
import json
import re

import pytest
from record_factory import MACHINE, record

from kineticbench.contracts import InvalidInput
from kineticbench.results.record import Record
from kineticbench.results.store import Store
from kineticbench.site.build import STAMP, build, picture

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


def test_the_site_has_a_page_for_everything(site, records):
    found = files(site)
    assert "index.html" in found
    assert sum(name.endswith(".html") and name.count("/") == 0 for name in found) == 3
    for one in records:
        name = f"records/{one.cell}.{one.run}"
        assert Record.model_validate_json(found[f"{name}.json"]) == one
        page = found[f"{name}.html"].decode()
        assert html.escape(one.command) in page
        assert "Example CPU 9000" in page
        if one.state == "ok":
            assert "Raw times" in page
        else:
            assert html.escape(one.reason, quote=False).replace("'", "&#39;") in page


def test_every_link_leads_somewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text()
        identifiers = re.findall(r'\bid="([^"]+)"', text)
        assert len(identifiers) == len(set(identifiers)), path
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target, _, fragment = link.partition("#")
            page = (path.parent / target).resolve() if target else path
            assert page.is_file(), (path, link)
            assert page.is_relative_to(site.resolve())
            if fragment:
                assert f'id="{fragment}"' in page.read_text(), link


def test_nothing_is_asked_of_another_host(site):
    for name, content in files(site).items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        if name.endswith((".html", ".css", ".js", ".svg")):
            assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), name


def test_pages_forbid_scripts_and_styles_of_their_own(site):
    for path in site.rglob("*.html"):
        text = path.read_text()
        assert "default-src 'none'; style-src 'self'; script-src 'self'" in text
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|<script(?! src=)", text), path


def test_the_same_records_give_the_same_bytes(tmp_path, site, folder, records):
    other = store_of(tmp_path / "other", records[::-1])
    build(other, tmp_path / "again")
    assert files(tmp_path / "again") == files(site)


def test_failures_and_seconds_of_other_machines_are_on_the_page(site, tmp_path):
    (page,) = site.glob("gaussian_ensemble-*.html")
    assert "Needs a density to start from." in page.read_text()
    folder = store_of(tmp_path / "r", [record("nhf", family="learned", fit=99.0, fit_hardware="far away"), record()])
    build(folder, tmp_path / "site")
    (page,) = (tmp_path / "site").glob("gaussian_ensemble-*.html")
    assert "fit made on far away" in page.read_text()


def test_hostile_records_are_shown_as_text_and_write_nothing_outside(tmp_path):
    work = tmp_path / "work"
    folder = store_of(work / "records", hostile_records())
    build(folder, work / "site")
    assert sorted(path.name for path in work.iterdir()) == ["records", "site"]
    found = files(work / "site")
    assert len([name for name in found if name.startswith("records/") and name.endswith(".html")]) == 2 * len(HOSTILE)
    for name, content in found.items():
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", name), name
        if not name.endswith(".html"):
            continue
        text = content.decode()
        assert text.count("<script") == 1, name
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

    monkeypatch.setattr("kineticbench.site.build._write_records", fail)
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
    page = (tmp_path / "site" / "records" / f"{one.cell}.{one.run}.html").read_text()
    assert "&lt;b&gt;step 2&lt;/b&gt;" in page
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
