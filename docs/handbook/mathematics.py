"""Formulas in LaTeX as MathML, which browsers set by themselves: no script, no fonts, no other host."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import latex2mathml


def mathml(formula: str, *, display: bool) -> str:
    """MathML of a formula; `docutils.utils.math.MathError` where it cannot be read."""
    return latex2mathml.tex2mathml(formula, as_block=display)


def inline(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext(), display=False))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula of its own, with a name to link to where it has one."""
    identifier = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    translator.body.append(f'<div class="formula"{identifier}>{mathml(node.astext(), display=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Tell Sphinx of it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
