"""The JSON Schemas that are published in docs/schemas, made from the models."""

from __future__ import annotations

import json

from ..pictures import model as pictures
from ..results import record
from . import suite


def published() -> dict[str, str]:
    """Text of each file by its name."""
    models = {
        "record-1.json": record.json_schema(),
        "pictures-1.json": pictures.json_schema(),
        "suite.json": suite.json_schema(),
    }
    return {name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in models.items()}
