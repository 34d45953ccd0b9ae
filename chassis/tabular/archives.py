"""The zip archive that a workbook is, opened without trusting what it says of itself."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import join, normpath

from chassis.problems import Problem
from chassis.tabular.problems import file_problem

# Real workbooks unpack to some ten times their size; these bounds are far above that.
MAX_ENTRIES = 1000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_RATIO = 200
RATIO_FREE_BYTES = 4 * 1024 * 1024

_ENTRY_MAGIC = b"PK\x01\x02"
_ENCRYPTED = 0x1
_CHUNK = 1 << 16
# What `zipfile` lets through from damaged archives.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)


def not_xlsx(why: str) -> Problem:
    """The refusal of a workbook that cannot be read, with the reason."""
    return file_problem("not_xlsx", why=why)


@dataclass(frozen=True)
class Archive:
    """An archive whose sizes are bounded."""

    content: bytes
    names: dict[str, str]
    """By lower case, since some programs write `xl/SharedStrings.xml`."""

    def has(self, path: str) -> bool:
        """Whether there is such a part."""
        return path.lower() in self.names

    def chunks(self, path: str) -> Iterator[bytes]:
        """What a part unpacks to. Raises `TABLE_INVALID` where it is missing or damaged."""
        if not self.has(path):
            raise not_xlsx(f"its part {path[:100]} is missing")
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive, archive.open(self.names[path.lower()]) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except _BROKEN:
            raise not_xlsx("the archive is damaged") from None


def open_archive(content: bytes) -> Archive:
    """Raises `TABLE_INVALID` where it is damaged, encrypted, or unpacks to too much."""
    # Counted before anything is made of it: the directory of 50 MB may name a million entries.
    if content.count(_ENTRY_MAGIC) > MAX_ENTRIES:
        raise file_problem("zip_bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except _BROKEN:
        raise not_xlsx("the archive is damaged") from None
    # `zipfile` never unpacks more than the declared size of an entry, so the declarations can be trusted as bounds.
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > RATIO_FREE_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES or dense:
        raise file_problem("zip_bomb")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise file_problem("encrypted")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise not_xlsx("it is packed in a way that workbooks are not")
    return Archive(content, {entry.filename.lower(): entry.filename for entry in entries})


def resolved(target: str, folder: str) -> str:
    """The path in the archive that a relation in `folder` points to."""
    return target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
