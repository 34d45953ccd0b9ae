"""What files are allowed to be, and what bodies name. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

Purpose = Literal["content", "cover", "avatar", "reward", "evidence", "material", "application", "question"]
Status = Literal["uploading", "processing", "ready", "refused"]
Size = Literal["original", "large", "small"]

OF_A_PERSON: Final = frozenset({"avatar", "application"})
"""Purposes that need no membership."""

TELLING: Final = OF_A_PERSON | {"evidence"}
"""Purposes of files that are shown beside their sender's name."""

FOR_ITS_READER: Final = frozenset({"evidence"})
"""Purposes of files that another service shows to those alone for whom it signed the address, whatever else of it names them."""

OWNED: Final[Mapping[str, frozenset[str]]] = {
    "membership": OF_A_PERSON | {"material", "question"},
    "events": frozenset({"material", "question"}),
    "gamification": frozenset({"evidence", "reward"}),
}
"""What the things of other services may name, by service and purpose."""

KIB: Final = 1024
MIB: Final = 1024 * KIB
LARGEST: Final = 50 * MIB
"""How large a file may be where its community says nothing."""
LARGEST_EVER: Final = 2 * 1024 * MIB
LARGEST_PART: Final = 8 * MIB
SMALLEST_PART: Final = 256 * KIB
"""Of all parts but the last: a file of 2 GiB has 8192 rows at most."""
MOST_UNFINISHED: Final = 20
"""Uploads that one person has begun and not finished."""
MOST_UNNAMED: Final = 4 * 1024 * MIB
"""Bytes of one person's files that nothing names but their drafts, those included that are forgotten and not yet deleted."""
LEAST_COUNTED: Final = MIB
"""What each of them counts as at least: also very small ones are rows, objects and work."""
MATERIAL: Final = "material"
"""The purpose of what guests send."""
ACTIVITY: Final = "activity"
"""The kind of what names it."""
MOST_OF_A_GUEST: Final = 20
"""Files that one guest has sent and that are there."""
ROOM_OF_A_GUEST: Final = 512 * MIB
"""Bytes of them."""
MOST_NAMED: Final = 50
"""Files that one body names."""

UNLINKED_FOR: Final = timedelta(days=1)
"""How long a file stays that nothing names, an upload that nobody goes on with included."""
KEPT_FOR: Final = timedelta(days=30)
"""How long the bytes stay after that: a restored backup may still name it."""

_NAMED: Final = re.compile(r"attachment:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z-])")
_DIRECTORIES: Final = re.compile(r"[/\\]")
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def named_in(*bodies: str | None) -> list[UUID]:
    """The files that some bodies name, each once, in their order; in code as well, for what is kept too long harms nobody."""
    found = dict.fromkeys(one for body in bodies if body for one in _NAMED.findall(body))
    return [UUID(one) for one in found]


def last_part(name: str) -> str:
    """A file's name without the directories that some programs send along; empty where nothing is left."""
    return _DIRECTORIES.split(name)[-1].strip().strip(".").strip()


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """From where up to where a header asks; None for all of it, as it is for what nobody understands and for several ranges.

    Raises `ValueError` for a range that begins after the end.
    """
    asked = _RANGE.fullmatch(header.strip()) if header else None
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    if begin >= size or begin >= end:
        raise ValueError("no such range")
    return begin, end


def ids_of(links: Iterable[tuple[UUID, bool]], *, shown: bool) -> set[UUID]:
    """Of what names a file, those that do or do not show it."""
    return {one for one, is_shown in links if is_shown is shown}
