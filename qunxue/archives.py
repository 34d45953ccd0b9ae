"""Files to import, as the API takes them: tables as they are, community archives turned into tables.

An archive is NDJSON, one object a line: `person {id, display_name, at}`, and the deeds `discussion`, `reply`, `comment`, each with
`author` and `at`. As a roster it says who joined when; as check-ins, who was there when; as an archive, what they said.
"""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

CSV = "text/csv"
NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

DEEDS = frozenset({"discussion", "reply", "comment"})


def as_upload(file: Path, what: str) -> tuple[bytes, str]:
    """A file's content and media type for `POST /v1/<what>/imports`; `what` is people, members, checkins or archives."""
    content = file.read_bytes()
    name = file.name.lower()
    if name.endswith(".gz"):
        content, name = gzip.decompress(content), name.removesuffix(".gz")
    if name.endswith(".xlsx"):
        return content, XLSX
    if name.endswith((".ndjson", ".jsonl")):
        lines = [orjson.loads(line) for line in content.splitlines() if line.strip()]
        if what == "archives":
            return b"\n".join(orjson.dumps(line) for line in lines if line.get("kind") != "person"), NDJSON
        if lines and "kind" in lines[0]:
            return _table(_ROWS[what](lines)), CSV
        return content, NDJSON
    return content, CSV


def _people(lines: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for line in lines:
        if line["kind"] == "person":
            yield {"employee_no": str(line["id"]), "display_name": line["display_name"]}


def _members(lines: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for line in lines:
        if line["kind"] == "person":
            yield {"employee_no": str(line["id"]), "joined_at": line["at"]}


def _checkins(lines: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for line in lines:
        if line["kind"] in DEEDS:
            yield {"employee_no": str(line["author"]), "occurred_at": line["at"]}


_ROWS: dict[str, Callable[[list[dict[str, Any]]], Iterator[dict[str, str]]]] = {
    "people": _people,
    "members": _members,
    "checkins": _checkins,
}


def _table(rows: Iterator[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, fieldnames=list(row))
            writer.writeheader()
        writer.writerow(row)
    return text.getvalue().encode()
