"""Backup and restore of a data directory."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from chassis.database.engine import Database
from chassis.database.migrations import known_revisions, version_table
from chassis.files import Files
from chassis.secrets import FILE_NAME as SECRET_KEY
from chassis.settings import SERVICES, Settings
from qunxue.backups import objects
from qunxue.backups.archive import extract, reading_archive, sync_directory, write_archive
from qunxue.backups.manifest import Manifest, entry_of
from qunxue.backups.noting import note
from qunxue.command import CommandFailed, Line
from qunxue.installation import LOCK_FILE, LOG_FILE, RESTORING, Installation, locked, opened
from qunxue.installed import service
from services.membership.bootstrap_file import FILE_NAME as INITIAL_PASSWORD

KIND = "embedded"
SMALL_FILES = (SECRET_KEY, INITIAL_PASSWORD)
SUFFIX = ".sqlite"
COMPANIONS = ("-wal", "-shm")
"""What SQLite keeps beside a file: it belongs to that file and to no other."""


async def backup(installation: Installation, target: Path) -> AsyncIterator[Line]:
    """Write everything to one archive; the writers of all services pause for the moment in which the point is set."""
    if target.exists():
        raise CommandFailed(f"{target} exists already")
    if not target.parent.is_dir():
        raise CommandFailed(f"there is no directory {target.parent}")
    sources = _sources(installation)
    with tempfile.TemporaryDirectory(prefix=".qunxue-backup-", dir=target.parent) as scratch:
        folder = Path(scratch)
        # Small files first: a key that is made meanwhile would be for tokens that the databases do not know either.
        files = [Path(shutil.copy(path, folder)) for path in _small_files(installation.settings)]
        databases = [installation.runtimes[name].database for name in SERVICES]
        snapshots = await one_point(databases, sources)
        try:
            for name, snapshot in snapshots.items():
                copy = folder / f"{name}{SUFFIX}"
                await asyncio.to_thread(_copy, snapshot, copy)
                files.append(copy)
                yield {"copied": name, "bytes": copy.stat().st_size}
        finally:
            for snapshot in snapshots.values():
                snapshot.close()
        schemas = {name: revision for name in SERVICES if (revision := _revision(folder / f"{name}{SUFFIX}", name))}
        manifest = Manifest.now(KIND, schemas, [await asyncio.to_thread(entry_of, path) for path in files])
        # After the databases: whatever those name has been kept.
        kept = Files(installation.settings)
        names = await objects.on_disk(kept)
        yield {"packing": len(files) + len(names)}
        size = await asyncio.to_thread(write_archive, target, manifest, files, kept.directory, names)
    yield {"backup": str(target), "bytes": size, "taken_at": manifest.taken_at, "notes": objects.notes(kept)}


async def one_point(databases: Sequence[Database], sources: Mapping[str, Path]) -> dict[str, sqlite3.Connection]:
    """A read transaction on every file, all begun at one moment at which nobody writes; the log's, which comes last, too.

    While the services' writers are kept out nothing is applied and no row leaves an outbox, so what a service has sent is in
    the log, and what another has applied was sent. Each transaction goes on seeing its file as it was, however long copying takes.
    """
    async with AsyncExitStack() as held:
        for database in databases:
            await held.enter_async_context(database.exclusive())
        return await asyncio.to_thread(lambda: {name: _begin(path) for name, path in sources.items()})


def _begin(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")
    connection.execute("BEGIN")
    # The snapshot is taken by the first read.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def _copy(snapshot: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        snapshot.backup(copy)
        # One file that needs none beside it; the product turns it back when it opens it.
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def database_files(settings: Settings) -> dict[str, Path]:
    """Where the SQLite file of each service is. Raises `CommandFailed` for one that is none."""
    from sqlalchemy.engine import make_url

    found: dict[str, Path] = {}
    for name in SERVICES:
        url = make_url(settings.database_url(name))
        if url.get_backend_name() != "sqlite" or not url.database:
            raise CommandFailed(
                f"{name}'s database is no SQLite file: set QUNXUE_MODE=distributed, or use its own tools"
            )
        found[name] = Path(url.database)
    return found


def _sources(installation: Installation) -> dict[str, Path]:
    """The files to copy, in the order in which their snapshots begin: the log after all databases."""
    sources = database_files(installation.settings)
    missing = [str(path) for path in sources.values() if not path.exists()]
    if missing:
        raise CommandFailed(f"there is nothing to back up yet: no {missing[0]}")
    log = installation.settings.data_dir / LOG_FILE
    return sources | ({"log": log} if log.exists() else {})


def _small_files(settings: Settings) -> Iterator[Path]:
    for name in SMALL_FILES:
        path = settings.data_dir / name
        if path.is_file():
            yield path


def _revision(path: Path, name: str) -> str | None:
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute(f"SELECT version_num FROM {version_table(name)}").fetchone()  # noqa: S608
        except sqlite3.OperationalError:
            return None
    return str(row[0]) if row else None


# --- restore ---------------------------------------------------------------------------------------------------------


class _Move(NamedTuple):
    staged: Path
    place: Path


async def restore(settings: Settings, source: Path, *, replace: bool = False) -> AsyncIterator[Line]:
    """Put an archive's files in place. Nothing is touched before the archive has been checked whole.

    Raises `InUse` while Qunxue runs on the directory, `CommandFailed` for anything else that keeps it from being done.
    """
    with (
        _gone_if_nothing_came(settings.data_dir),
        locked(settings.data_dir),
        reading_archive(source, KIND) as (manifest, archive),
        _staging(settings) as staging,
    ):
        manifest.check_schemas({name: known_revisions(service(name)) for name in SERVICES}, source)
        places = _places(settings, manifest, source)
        present = [path for path in _all_places(settings) if path.exists()]
        interrupted = (settings.data_dir / RESTORING).exists()
        databases = [path for path in present if path.suffix == SUFFIX]
        if databases and not replace and not interrupted:
            raise CommandFailed(f"{databases[0]} exists: --replace puts what is there aside and restores in its place")
        moves = []
        for entry in manifest.files:
            staged = extract(archive, entry, staging, source)
            _check_database(staged, source)
            moves.append(_Move(staged, places[entry.name]))
            yield {"checked": entry.name, "bytes": entry.size}
        kept = Files(settings)
        if manifest.objects:
            objects.check(manifest.objects, lambda name: archive.open(f"{objects.FOLDER}/{name}"), source)
            yield {"checked": objects.FOLDER, "bytes": sum(entry.size for entry in manifest.objects)}
            await objects.put_back(kept, manifest.objects, lambda name: archive.open(f"{objects.FOLDER}/{name}"))
        aside = _put_in_place(settings, moves, present)
        await _note(settings, source)
        async with opened(settings, ["content"]) as installation:
            async for line in objects.list_missing(installation.runtimes["content"]):
                yield line
    yield {
        "restored": len(moves),
        "taken_at": manifest.taken_at,
        "aside": str(aside) if aside else None,
        "notes": objects.notes(kept, restored=True),
    }


async def _note(settings: Settings, source: Path) -> None:
    async with opened(settings, ["membership"]) as installation:
        await note(installation.runtimes["membership"], "restore", source)


def _places(settings: Settings, manifest: Manifest, source: Path) -> dict[str, Path]:
    databases = database_files(settings)
    places = {f"{name}{SUFFIX}": path for name, path in databases.items()}
    places[f"log{SUFFIX}"] = settings.data_dir / LOG_FILE
    places |= {name: settings.data_dir / name for name in SMALL_FILES}
    for entry in manifest.files:
        if entry.name not in places:
            raise CommandFailed(f"{source} holds {entry.name}, which has no place in this installation")
    names = {entry.name for entry in manifest.files}
    missing = [name for name in databases if f"{name}{SUFFIX}" not in names]
    if missing:
        raise CommandFailed(f"{source} has no database of {', '.join(missing)}")
    return places


def _all_places(settings: Settings) -> Iterator[Path]:
    for path in (*database_files(settings).values(), settings.data_dir / LOG_FILE):
        yield path
        for suffix in COMPANIONS:
            yield path.with_name(path.name + suffix)
    for name in SMALL_FILES:
        yield settings.data_dir / name


@contextmanager
def _gone_if_nothing_came(data_dir: Path) -> Iterator[None]:
    """Where there was no directory, and a bad archive brought nothing into it, there is none afterwards."""
    made = [folder for folder in (data_dir, *data_dir.parents) if not folder.exists()]
    try:
        yield
    finally:
        if made and data_dir.is_dir() and {one.name for one in data_dir.iterdir()} <= {LOCK_FILE}:
            (data_dir / LOCK_FILE).unlink(missing_ok=True)
            with suppress(OSError):
                for folder in made:
                    folder.rmdir()


@contextmanager
def _staging(settings: Settings) -> Iterator[Path]:
    # In the data directory, so that moving the files into place is a rename.
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.data_dir) as folder:
        yield Path(folder)


def _check_database(path: Path, source: Path) -> None:
    if path.suffix != SUFFIX:
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise CommandFailed(f"{source} is damaged: {path.name}: {answer}")


def _put_in_place(settings: Settings, moves: list[_Move], present: list[Path]) -> Path | None:
    """Put what is there aside and the new files in its place; the mark keeps Qunxue from starting on a mixture of both."""
    mark = settings.data_dir / RESTORING
    mark.write_text("A restore was begun and has not ended. Run `qunxue restore` again.\n", encoding="utf-8")
    sync_directory(settings.data_dir)
    aside = _put_aside(settings, present) if present else None
    for move in moves:
        move.place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(move.staged, move.place)
        sync_directory(move.place.parent)
    mark.unlink()
    sync_directory(settings.data_dir)
    return aside


def _put_aside(settings: Settings, present: list[Path]) -> Path:
    aside = settings.data_dir / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
    aside.mkdir(mode=0o700)
    for path in present:
        shutil.move(path, aside / path.name)
    sync_directory(aside)
    return aside
