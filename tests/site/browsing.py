"""What the tests in a real browser share."""

import re
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUIET = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def dataset_page(site, name="gaussian_ensemble"):
    (page,) = site.glob(f"{name}-*.html")
    return page


def solver_page(site, name="pde_nhf"):
    (page,) = site.glob(f"solver-{name}-*.html")
    return page


def record_hash(records, solver="pde_nhf", state="ok"):
    found = next(one for one in records if one.settings.solver.name == solver and one.state == state)
    return f"#{found.cell}.{found.run}"


def every_kind(site, records):
    """One page of every kind, with the part of its address behind #."""
    yield site / "index.html", ""
    yield dataset_page(site), ""
    yield dataset_page(site, "landau_damping"), ""
    yield solver_page(site), ""
    yield site / "results.html", ""
    yield site / "record.html", record_hash(records)
    yield site / "record.html", record_hash(records, "sheets", "timeout")
    yield site / "guide-methodology.html", ""


def ready(page):
    """The page, once its tables and charts stand."""
    page.wait_for_function("() => [...document.querySelectorAll('[data-app]')].every(e => e.childElementCount > 1)")
    return page


def cells(page, key, table="table.board"):
    """Texts of a column by the key of its heading."""
    place = page.eval_on_selector_all(f"{table} thead th", "found => found.map(th => th.dataset.key)").index(key)
    return page.eval_on_selector_all(
        f"{table} tbody tr[data-row]", f"rows => rows.map(row => row.children[{place}].innerText.trim())"
    )


def heading(page, key):
    return page.locator(f'table.board thead th[data-key="{key}"]')


UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}


def seconds(text):
    """What a shown duration is worth; None for a missing one."""
    match = re.match(r"([\d.]+)\s(\w+|µs)", text.replace("*", ""))
    return float(match[1]) * UNITS[match[2]] if match else (0.0 if text == "0" else None)
