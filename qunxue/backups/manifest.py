"""What a backup says of itself: checked before anything is touched."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from chassis.settings import SERVICES
from qunxue.command import CommandFailed
from qunxue.version import version

MANIFEST = "manifest.json"
FORMAT = "qunxue-backup"
FORMAT_VERSION = 1
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class FileEntry:
    """One file of a backup; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`schemas`: by service, the revision that its database was at."""

    kind: str
    taken_at: str
    product_version: str
    schemas: dict[str, str]
    files: tuple[FileEntry, ...]
    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    log_ends: dict[str, int] = field(default_factory=dict)
    """Distributed: how far each partition (`topic/number`) had been written."""
    objects: tuple[FileEntry, ...] = ()
    """Members' files, by the names that the store has for them."""

    @classmethod
    def now(cls, kind: str, schemas: dict[str, str], files: list[FileEntry], **more: Any) -> "Manifest":
        """A manifest for what was just written."""
        return cls(
            kind=kind,
            taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
            product_version=version(),
            schemas=schemas,
            files=tuple(files),
            **more,
        )

    def to_json(self) -> bytes:
        """For people to read, too."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def parse(cls, content: bytes, *, kind: str, where: Path) -> "Manifest":
        """Raises `CommandFailed` for what is no manifest, of another kind of running, or of a later format."""
        try:
            raw = orjson.loads(content)
        except ValueError:
            raw = None
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise CommandFailed(f"{where} is no backup of Qunxue: its {MANIFEST} is not one of ours")
        if raw.get("format_version") != FORMAT_VERSION:
            raise CommandFailed(
                f"{where} has format {raw.get('format_version')}; this release reads format {FORMAT_VERSION}"
            )
        if raw.get("kind") != kind:
            raise CommandFailed(f"{where} is a backup of an installation run {raw.get('kind')}, not {kind}")
        try:
            manifest = cls(
                **{
                    **raw,
                    "files": tuple(FileEntry(**entry) for entry in raw["files"]),
                    "objects": tuple(FileEntry(**entry) for entry in raw.get("objects", ())),
                }
            )
        except (TypeError, KeyError):
            raise CommandFailed(f"{where} is damaged: its {MANIFEST} is incomplete") from None
        manifest._check(where)
        return manifest

    def _check(self, where: Path) -> None:
        unknown = sorted(set(self.schemas) - set(SERVICES))
        if unknown:
            raise CommandFailed(f"{where} holds services this release does not know: {', '.join(unknown)}")
        for entry in self.files:
            # The name is where it would be written to: a manifest must not be able to point elsewhere.
            if Path(entry.name).name != entry.name or entry.name.startswith("."):
                raise CommandFailed(f"{where} names a file outside the backup: {entry.name!r}")
        for entry in self.objects:
            if not entry.name or any(not part or part.startswith(".") for part in entry.name.split("/")):
                raise CommandFailed(f"{where} names a file outside the backup: {entry.name!r}")

    def check_schemas(self, known: dict[str, frozenset[str]], where: Path) -> None:
        """Refuse what a later release made; `known` are this release's revisions by service."""
        for service, revision in self.schemas.items():
            if revision not in known[service]:
                raise CommandFailed(
                    f"{where} was made by Qunxue {self.product_version}: {service}'s schema {revision} is newer than this "
                    f"release ({version()}) knows"
                )


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The content, piece by piece."""
    while piece := file.read(CHUNK):
        yield piece


def entry_of(path: Path) -> FileEntry:
    """Measure a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in chunks(file):
            digest.update(piece)
    return FileEntry(path.name, path.stat().st_size, digest.hexdigest())
