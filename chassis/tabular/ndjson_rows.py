"""NDJSON: one JSON object a line, each through the gate that every JSON from outside passes."""

import codecs
import io
from collections.abc import Iterator
from typing import Any

from chassis.strict_json import JsonRefused, parse
from chassis.tabular.cells import CellError

MAX_LINE_BYTES = 1024 * 1024


def documents(content: bytes) -> Iterator[tuple[int, dict[str, Any] | CellError]]:
    """Each line that is not empty, with its number; a line that is no object as the reason why."""
    for number, line in enumerate(io.BytesIO(content), start=1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield number, _document(text)


def _document(line: bytes) -> dict[str, Any] | CellError:
    if len(line) > MAX_LINE_BYTES:
        return CellError("malformed_row", {"reason": "too_long"})
    try:
        document = parse(line)
    except JsonRefused as refused:
        return CellError("malformed_row", {"reason": refused.detail})
    return document if isinstance(document, dict) else CellError("malformed_row", {"reason": "not_an_object"})
