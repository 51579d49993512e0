import os

import pytest
from browsing import CHROMIUM, FLAGS
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


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("needs /usr/bin/chromium (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Opens a page; fails at the end if one logged an error or asked anything of another host."""
    complaints: list[str] = []
    contexts = []

    def open_page(path, hash_="", width=1280, scheme="light", script=True):
        size = {"width": width, "height": 900}
        context = browser.new_context(
            viewport=size, color_scheme=scheme, java_script_enabled=script, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else complaints.append(one.url))
        page.goto(f"{path.as_uri()}{hash_}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
