"""What names stand for: labels of metrics, titles and docstrings of plug-ins, where they are known here."""

from __future__ import annotations

import ast
from functools import cache

from .. import catalog, metrics
from ..contracts import HomogeneousLandau, InvalidInput, VlasovPoisson
from ..ranking.entries import Variant
from . import text

_EQUATIONS = {VlasovPoisson.name: "Vlasov–Poisson equation", HomogeneousLandau.name: "Homogeneous Landau equation"}


@cache
def metric_label(name: str) -> str:
    """The label of a metric, or its name where this installation does not have it."""
    if name in metrics.REGISTRY:
        try:
            return text.plain(metrics.load(name).label, 60)
        except ImportError:
            pass
    return text.title(name)


@cache
def plug_ins(kind: catalog.Kind) -> dict[str, catalog.PlugIn]:
    """The plug-ins known here; none where they cannot be read."""
    try:
        return catalog.plug_ins(kind)
    except InvalidInput:
        return {}


def dataset_title(variant: Variant) -> str:
    """The dataset's name for a heading."""
    return text.title(variant.name)


def variant_detail(variant: Variant) -> str:
    """What tells a variant from others of its dataset: parameters that are words or not the default, split, cases."""
    parts = [f"{text.plain(key, 40)} {_brief(value)}" for key, value in _unusual(variant).items()]
    parts.append(f"{text.plain(variant.split, 40)} split")
    if variant.cases is not None:
        parts.append(f"{text.count(variant.cases)} {'case' if variant.cases == 1 else 'cases'}")
    if variant.seed:
        parts.append(f"seed {variant.seed}")
    return ", ".join(parts)


def _brief(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else text.plain(value, 40)


def equation(variant: Variant) -> str:
    """The equation that a dataset poses, for a heading; empty where it is not known."""
    known = plug_ins("datasets").get(variant.name)
    name = "" if known is None else str(known.metadata.get("equation") or "")
    return _EQUATIONS.get(name) or (text.title(name) if name else "")


def _unusual(variant: Variant) -> dict[str, object]:
    """The parameters that are words or differ from the dataset's defaults, all of them where it is not known."""
    known = plug_ins("datasets").get(variant.name)
    if known is None:
        return variant.values
    defaults = {name: default for name, (_, default) in known.parameters.items()}
    return {
        key: value
        for key, value in variant.values.items()
        if isinstance(value, str) or not _same(defaults.get(key), value)
    }


def _same(default: str | None, value: object) -> bool:
    """Whether a default, as written in the source, is this JSON value."""
    try:
        literal = ast.literal_eval(default or "")
    except (ValueError, SyntaxError):
        return False
    return (list(literal) if isinstance(literal, tuple) else literal) == value
