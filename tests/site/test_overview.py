import re

from record_factory import MACHINE, OTHER, record

from kineticbench.results.store import Store
from kineticbench.site.build import build


def test_the_overview_names_the_place_where_a_problem_was_solved_in_several(tmp_path):
    records = [record("pic"), record("pic", hardware=OTHER, run="20261122T120000Z-0002")]
    records.append(record("pic", dataset="landau_damping", cases=1))
    for one in records:
        Store(tmp_path / "r").write(one)
    build(tmp_path / "r", tmp_path / "site")
    rows = re.findall(r"<tbody>.*?</tbody>", (tmp_path / "site/index.html").read_text(), re.DOTALL)[0]
    told = re.findall(r"</a><small>([^<]*)</small>", rows)
    assert sum(MACHINE["cpu"] in text for text in told) == sum(OTHER["cpu"] in text for text in told) == 1
    assert len(told) == 3
