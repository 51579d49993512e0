"""Put the scripts that asv's pages ask other hosts for beside the pages: `python benchmarks/pages.py .asv/html`.

npm fetches them, once. Where there is no npm the pages stay as asv wrote them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "jquery": "3.3.1",
    "flot": "0.8.3",
    "flot-orderbars": "1.0.0",
    "stupid-table-plugin": "1.1.3",
    "blueimp-md5": "2.19.0",
    "bootstrap": "3.1.1",
}
# Files by the names that the pages give them; some come without their short form.
FILES = {
    "jquery-3.3.1.min.js": "jquery/dist/jquery.min.js",
    "jquery.flot.min.js": "flot/jquery.flot.js",
    "jquery.flot.time.min.js": "flot/jquery.flot.time.js",
    "jquery.flot.selection.min.js": "flot/jquery.flot.selection.js",
    "jquery.flot.categories.min.js": "flot/jquery.flot.categories.js",
    "jquery.flot.orderBars.js": "flot-orderbars/js/jquery.flot.orderBars.js",
    "stupidtable.min.js": "stupid-table-plugin/stupidtable.min.js",
    "md5.min.js": "blueimp-md5/js/md5.min.js",
    "bootstrap.min.js": "bootstrap/dist/js/bootstrap.min.js",
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
}
FONT = "bootstrap/dist/fonts/glyphicons-halflings-regular.woff"  # where the style sheet looks for it: ../fonts
_ELSEWHERE = re.compile(r'(<(?:script|link)\b[^>]*\b(?:src|href)=)"https://[^"]*/([^"/]+)"[^>]*>')


def asked_for(page: str) -> list[str]:
    """Names of the files that a page asks other hosts for."""
    return [name for _, name in _ELSEWHERE.findall(page)]


def at_home(page: str) -> str:
    """The page, asking for the same files in `scripts`."""
    return _ELSEWHERE.sub(r'\1"scripts/\2">', page)


def fetch(folder: Path) -> Path:
    """The packages, by npm where they are not there yet; the folder of modules."""
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    if not all((folder / "node_modules" / name).is_file() for name in FILES.values()):
        subprocess.run(["npm", "install", "--prefix", str(folder), *quiet, *wanted], check=True)
    return folder / "node_modules"


def main(html: Path) -> None:
    """Copy the files and rewrite the page."""
    index = html / "index.html"
    page = index.read_text(encoding="utf-8")
    unknown = sorted(set(asked_for(page)) - set(FILES))
    if unknown:
        raise SystemExit(f"{index} asks for {', '.join(unknown)}, which FILES in {__file__} lacks. Add them there.")
    if shutil.which("npm") is None:
        sys.stdout.write(f"There is no npm, so {index} asks other hosts for its scripts.\n")
        return
    modules = fetch(html.parent / "npm")
    copied = {f"scripts/{name}": path for name, path in FILES.items()} | {f"fonts/{Path(FONT).name}": FONT}
    for name, source in copied.items():
        (html / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(modules / source, html / name)
    index.write_text(at_home(page), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
