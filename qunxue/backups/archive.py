"""One file that holds a backup: a ZIP with a manifest, complete or not there at all."""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from qunxue.backups.manifest import MANIFEST, FileEntry, Manifest, chunks
from qunxue.backups.objects import FOLDER, copy_measured
from qunxue.command import CommandFailed


def write_archive(
    target: Path, manifest: Manifest, files: Sequence[Path], directory: Path | None = None, objects: Sequence[str] = ()
) -> int:
    """Write beside the target, sync, rename; its size in bytes. Readable by its owner alone: it holds secrets.

    `objects` are copied from `directory`. They are read once, so the manifest, which has their digests, is written last.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for path in files:
                    archive.write(path, path.name)
                copied = _write_objects(archive, directory, objects) if directory is not None else []
                archive.writestr(MANIFEST, replace(manifest, objects=tuple(copied)).to_json())
            output.flush()
            os.fsync(output.fileno())
        partial.rename(target)
        sync_directory(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return target.stat().st_size


def _write_objects(archive: zipfile.ZipFile, directory: Path, names: Sequence[str]) -> list[FileEntry]:
    copied = []
    for name in names:
        try:
            file = (directory / name).open("rb")
        except FileNotFoundError:
            continue  # Deleted meanwhile.
        # As they are: most kinds of files are compressed already.
        packed = zipfile.ZipInfo(f"{FOLDER}/{name}")
        with file, archive.open(packed, "w", force_zip64=True) as output:
            copied.append(copy_measured(file, output, name))
    return copied


@contextmanager
def reading_archive(path: Path, kind: str) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """The manifest, checked, and the archive. Raises `CommandFailed`."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise CommandFailed(f"there is no file {path}") from None
    except (zipfile.BadZipFile, OSError) as error:
        raise CommandFailed(f"{path} is no backup of Qunxue, or damaged: {error}") from None
    with archive:
        try:
            content = archive.read(MANIFEST)
        except KeyError:
            raise CommandFailed(f"{path} is no backup of Qunxue: it has no {MANIFEST}") from None
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise CommandFailed(f"{path} is damaged: {error}") from None
        yield Manifest.parse(content, kind=kind, where=path), archive


def extract(archive: zipfile.ZipFile, entry: FileEntry, folder: Path, where: Path) -> Path:
    """Write one file into a folder, checked against the manifest. Raises `CommandFailed`."""
    target = folder / entry.name
    digest = hashlib.sha256()
    try:
        with archive.open(entry.name) as packed, os.fdopen(_create(target), "wb") as output:
            for piece in chunks(packed):  # type: ignore[arg-type]
                digest.update(piece)
                output.write(piece)
            output.flush()
            os.fsync(output.fileno())
    except KeyError:
        raise CommandFailed(f"{where} is damaged: {entry.name} is missing") from None
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError) as error:  # type: ignore[attr-defined]
        raise CommandFailed(f"{where} is damaged: {entry.name}: {error}") from None
    if digest.hexdigest() != entry.sha256:
        raise CommandFailed(f"{where} is damaged: {entry.name} is not what was backed up")
    return target


def sync_directory(path: Path) -> None:
    """Make a rename in it last."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
