import pytest
from record_factory import suite

from kineticbench.results.store import Store


@pytest.fixture(scope="session")
def records():
    return suite()


@pytest.fixture(scope="session")
def folder(tmp_path_factory, records):
    store = Store(tmp_path_factory.mktemp("records"))
    for record in records:
        store.write(record)
    return store.folder


@pytest.fixture(scope="session")
def site(tmp_path_factory, folder):
    from kineticbench.site.build import build

    output = tmp_path_factory.mktemp("built") / "site"
    build(folder, output)
    return output
