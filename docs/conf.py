"""How Sphinx builds the documentation: `make docs`.

No page asks another host for anything: formulas are MathML, pictures SVG, fonts those of the reader.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "src"), str(ROOT)]

from kineticbench import __version__  # noqa: E402

project = "kineticbench"
author = "the authors of kineticbench"
copyright = author  # noqa: A001
version = release = __version__

extensions = ["myst_parser", "handbook.extension"]
exclude_patterns = ["_build", "generated/parts", "handbook", "schemas"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = [
    "myst.header",  # parts that programs write begin at the level they are taken in
    "misc.highlighting_failure",  # a lexer that knows less than we write leaves a block plain
]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types are written as they stand in the source, and are no links

html_theme = "furo"
html_title = f"kineticbench {__version__}"
html_static_path = ["_static"]
html_css_files = ["kineticbench.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
highlight_language = "none"
