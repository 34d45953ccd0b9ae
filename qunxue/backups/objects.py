"""Members' files in a backup: copied after the databases, so that all that those name is there, and put back before them.

An object never changes, so a restore only adds: what is there and not in the backup stays. A bucket is its operator's to back up.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from chassis.files import Files
from chassis.problems import Problem
from chassis.service import RunningService
from qunxue.backups.manifest import FileEntry, chunks
from qunxue.command import CommandFailed, Line
from services.content.attachments.missing import missing

FOLDER = "files"
Opening = Callable[[str], IO[bytes]]


async def on_disk(files: Files) -> list[str]:
    """The names of the objects to copy: none of a bucket, and none where nobody has sent a file yet."""
    if files.directory is None or not files.directory.is_dir():
        return []
    return [name async for name, _ in files.names("")]


def copy_measured(source: BinaryIO, target: IO[bytes], name: str) -> FileEntry:
    """Copy an object and measure it on the way."""
    digest, size = hashlib.sha256(), 0
    for piece in chunks(source):
        digest.update(piece)
        size += len(piece)
        target.write(piece)
    return FileEntry(name, size, digest.hexdigest())


def copy_all(directory: Path, names: Sequence[str], folder: Path) -> list[FileEntry]:
    """Copy objects into a folder; one that is deleted meanwhile is left out."""
    copied = []
    for name in names:
        try:
            file = (directory / name).open("rb")
        except FileNotFoundError:
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with file, target.open("wb") as output:
            copied.append(copy_measured(file, output, name))
    return copied


def check(entries: Sequence[FileEntry], opening: Opening, where: Path) -> None:
    """Read every object of a backup. Raises `CommandFailed` for one that is not what was backed up."""
    for entry in entries:
        digest = hashlib.sha256()
        try:
            with opening(entry.name) as file:
                for piece in chunks(file):  # type: ignore[arg-type]
                    digest.update(piece)
        except (KeyError, FileNotFoundError):
            raise CommandFailed(f"{where} is damaged: the file {entry.name} is missing") from None
        except Exception as error:
            raise CommandFailed(f"{where} is damaged: {entry.name}: {error}") from error
        if digest.hexdigest() != entry.sha256:
            raise CommandFailed(f"{where} is damaged: {entry.name} is not what was backed up")


async def put_back(files: Files, entries: Sequence[FileEntry], opening: Opening) -> None:
    """Keep every object again, on this installation's disk or in its bucket."""

    async def pieces(name: str) -> AsyncIterator[bytes]:
        with opening(name) as file:
            for piece in chunks(file):  # type: ignore[arg-type]
                yield piece

    for entry in entries:
        try:
            await files.put(entry.name, pieces(entry.name))
        except Problem as problem:
            raise CommandFailed(f"{entry.name} cannot be kept in {_place(files)}: {problem.__cause__}") from problem


async def list_missing(content: RunningService) -> AsyncIterator[Line]:
    """A line for each file that the database names and the store does not have."""
    try:
        async for key, name in missing(content.database, content.files):
            yield {"missing": str(key), "name": name}
    except Problem as problem:
        yield {
            "unknown": f"Which files are missing is not known: {_place(content.files)} cannot be read: {problem.__cause__}"
        }


def notes(files: Files, *, restored: bool = False) -> list[str]:
    """What the operator must know of files that this backup has not."""
    if files.directory is not None:
        return []
    if restored:
        return ["Members' files are in a bucket, which you restore yourself: those that it lacks are listed."]
    return ["Members' files are in a bucket, which is not in this backup: back it up yourself, after this."]


def _place(files: Files) -> str:
    return str(files.directory or "the bucket")
