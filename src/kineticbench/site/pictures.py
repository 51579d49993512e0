"""Pictures as scripts, which a page also finds where it may fetch nothing, on the file system."""

from __future__ import annotations

import json

from pydantic import ValidationError

from ..contracts.errors import CorruptFile
from ..pictures.model import MOST_BYTES, Pictures

_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029\u0085\ufeff"})


def pictures_script(content: bytes, name: str) -> str:
    """A script that puts pictures under `name` into the global `KineticPictureData`, for `KineticPictures.draw`.

    Characters that could end a script or a line of one are escaped.

    Raises
    ------
    CorruptFile
        Where the content is no JSON of the schema kineticbench/pictures/1, holds what is not finite, or is too large.
    """
    if len(content) > MOST_BYTES:
        raise CorruptFile(f"These pictures take {len(content)} bytes; at most {MOST_BYTES} are shown.")
    try:
        checked = Pictures.model_validate_json(content)
    except (ValidationError, RecursionError) as error:
        detail = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise CorruptFile(
            f"These are not pictures of ours: {detail}.", "Make them with kineticbench rescore."
        ) from None
    data = checked.json_bytes().decode().rstrip("\n").translate(_ESCAPES)
    key = json.dumps(name).translate(_ESCAPES)
    return f"(globalThis.KineticPictureData ??= {{}})[{key}] = {data};\n"
