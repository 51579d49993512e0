import pytest
from typer.testing import CliRunner

from kineticbench.cli.leaderboard import app
from kineticbench.contracts import InvalidInput

run = CliRunner().invoke


def test_build_writes_site_and_picture(tmp_path, folder):
    site, picture = tmp_path / "site", tmp_path / "docs" / "picture.svg"
    done = run(app, ["build", str(folder), "--output", str(site), "--picture", str(picture)])
    assert done.exit_code == 0, done.output
    assert "index.html" in done.output
    assert (site / "index.html").is_file()
    assert picture.read_text().startswith("<svg")


def test_readme_writes_both_files_and_checks_them(tmp_path, folder):
    page, readme = tmp_path / "leaderboard.md", tmp_path / "README.md"
    readme.write_text("<!-- results:begin -->\n<!-- results:end -->\n")
    arguments = ["readme", str(folder), "--page", str(page), "--into", str(readme)]
    assert run(app, [*arguments, "--check"]).exit_code == 1
    assert not page.exists()
    assert run(app, arguments).exit_code == 0
    assert "pde_nhf" in readme.read_text()
    assert "pde_nhf" in page.read_text()
    done = run(app, [*arguments, "--check"])
    assert done.exit_code == 0
    assert done.output.count("is up to date") == 2


def test_show_prints_tables(folder):
    done = run(app, ["show", str(folder)])
    assert done.exit_code == 0
    assert "Landau damping" in done.output


def test_the_command_line_tells_mistakes_in_one_line(tmp_path, capsys):
    from kineticbench.cli import main

    with pytest.raises(SystemExit) as left:
        main(["leaderboard", "build", str(tmp_path / "nowhere"), "--output", str(tmp_path / "site")])
    assert left.value.code == 2
    assert "no results folder" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_picture_can_be_of_one_variant(tmp_path):
    from record_factory import record

    from kineticbench.results.store import Store
    from kineticbench.site.build import picture

    store = Store(tmp_path / "records")
    for generator, solver in (("sheets", "pic"), ("published", "pde_nhf")):
        for setting, warm in (("a", 0.1), ("b", 0.2)):
            made = record(solver, setting, {"s": setting}, dataset_parameters={"generator": generator}, warm=warm)
            store.write(made)
    for generator, solver in (("sheets", "pic"), ("published", "pde_nhf")):
        path = tmp_path / f"{generator}.svg"
        picture(store.folder, path, f"gaussian_ensemble:generator={generator}")
        assert solver in path.read_text()
    with pytest.raises(InvalidInput, match="nothing to draw"):
        picture(store.folder, tmp_path / "none.svg", "gaussian_ensemble:generator=leapfrog")
