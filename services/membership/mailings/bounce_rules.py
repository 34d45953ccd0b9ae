"""Reading mail that says that mail did not arrive (RFC 3464), whoever wrote it. Pure, and in time that grows with its size alone.

Only what is needed is read: the report's blocks, and the Message-ID of what comes back. Parts inside of parts are not looked into, so that no
nesting costs anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.membership.deliveries.refusal_rules import names_no_mailbox

MOST_PARTS: Final = 20
_LINE: Final = re.compile(rb"\r\n|\r|\n")
_BOUNDARY: Final = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))""", re.IGNORECASE)
_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DIAGNOSTIC: Final = re.compile(r"\s*smtp\s*;\s*(\d{3})[ -]?(.{0,200})", re.IGNORECASE)
_RETURNED: Final = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says: of which mail, and with which status that there is no such mailbox; None where it does not say so of all."""

    message_id: str
    status: str | None


def read(raw: bytes) -> Bounce | None:
    """What a mail reports; None where it is no report about mail that it has with it."""
    lines = _LINE.split(raw)
    fields, begins = _fields(lines, 0)
    kind, _, rest = fields.get("content-type", "").partition(";")
    boundary = _BOUNDARY.search(rest)
    if kind.strip().lower() != "multipart/report" or boundary is None:
        return None
    blocks: list[Fields] | None = None
    message_id: str | None = None
    for first, end in _parts(lines, begins, (boundary[1] or boundary[2]).encode("utf-8", "replace")):
        head, body = _fields(lines[:end], first)
        kind = head.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _REPORTS and blocks is None:
            blocks = _blocks(lines, body, end)
        elif kind in _RETURNED and message_id is None:
            returned, _ = _fields(lines[:end], body)
            message_id = returned.get("message-id", "").strip().removeprefix("<").removesuffix(">").partition("@")[0]
    if not blocks or not message_id:
        return None
    return Bounce(message_id, _status(blocks))


def _status(blocks: Sequence[Fields]) -> str | None:
    """The status, if all recipients failed for good and for want of a mailbox: one address may stand for many."""
    recipients = [one for one in blocks if "action" in one or "status" in one]
    said = [_no_mailbox(one) for one in recipients]
    return said[0] if said and None not in said else None


def _no_mailbox(block: Fields) -> str | None:
    status = _STATUS.match(block.get("status", ""))
    if block.get("action", "").strip().lower() != "failed" or status is None or not status[1].startswith("5."):
        return None
    code, text = 0, status[1]
    diagnostic = _DIAGNOSTIC.match(block.get("diagnostic-code", ""))
    if status[1] == "5.0.0" and diagnostic is not None:
        # Said by who has nothing more exact to say: what the server said is more.
        code, text = int(diagnostic[1]), diagnostic[2]
    return status[1] if names_no_mailbox(code, text) else None


def _parts(lines: Sequence[bytes], begins: int, boundary: bytes) -> list[tuple[int, int]]:
    """From which line to which the parts go, the first ones."""
    opens, closes = b"--" + boundary, b"--" + boundary + b"--"
    found: list[tuple[int, int]] = []
    first: int | None = None
    for number in range(begins, len(lines)):
        line = lines[number].rstrip(b" \t")
        if line not in (opens, closes):
            continue
        if first is not None:
            found.append((first, number))
        first = number + 1
        if line == closes or len(found) == MOST_PARTS:
            return found
    if first is not None and len(found) < MOST_PARTS:
        # Cut off on its way.
        found.append((first, len(lines)))
    return found


def _blocks(lines: Sequence[bytes], begins: int, end: int) -> list[Fields]:
    found: list[Fields] = []
    inside, at = lines[:end], begins
    while at < end and len(found) <= MOST_PARTS:
        if not inside[at]:
            at += 1
            continue
        fields, at = _fields(inside, at)
        if fields:
            found.append(fields)
    return found


def _fields(lines: Sequence[bytes], begins: int) -> tuple[Fields, int]:
    """The fields from a line on, unfolded, the first of each name; and where what follows the empty line begins."""
    said: list[tuple[str, list[str]]] = []
    at = begins
    while at < len(lines) and lines[at]:
        line = lines[at].decode("utf-8", "replace")
        at += 1
        if line[0] in " \t":
            if said:
                said[-1][1].append(line)
            continue
        name, colon, value = line.partition(":")
        if colon:
            said.append((name.strip().lower(), [value]))
    fields: Fields = {}
    for name, values in said:
        fields.setdefault(name, "".join(values))
    return fields, at + 1
