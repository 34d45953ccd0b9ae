"""Backup and restore of a distributed installation: a dump of each database, and what was under way between them."""

import asyncio
import functools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from chassis.database.migrations import known_revisions, migrate
from chassis.files import Files
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch, TopicPartition, is_ours
from chassis.messaging.holes import look_for_holes, release
from chassis.messaging.inbox import keep_progress, kept_positions
from chassis.messaging.kafka import KafkaOptions
from chassis.messaging.republish import republish
from chassis.service import RunningService
from chassis.settings import SERVICES, Settings
from qunxue.backups import objects, postgres
from qunxue.backups.archive import sync_directory
from qunxue.backups.in_flight import KafkaSide, read_deliveries, write_deliveries
from qunxue.backups.manifest import MANIFEST, FileEntry, Manifest, entry_of
from qunxue.backups.noting import note
from qunxue.command import CommandFailed, Line
from qunxue.installation import Installation, opened
from qunxue.installed import service

KIND = "distributed"
AT_ONCE = 200
Ends = dict[TopicPartition, int]


async def backup(installation: Installation, target: Path) -> AsyncIterator[Line]:
    """Write the directory; writers wait for the moment in which the point is set. Needs pg_dump, and Kafka reachable."""
    if target.exists():
        raise CommandFailed(f"{target} exists already")
    if not target.parent.is_dir():
        raise CommandFailed(f"there is no directory {target.parent}")
    postgres.check_tools()
    runtimes = _on_postgres(installation)
    folder = Path(tempfile.mkdtemp(prefix=".qunxue-backup-", dir=target.parent))
    try:
        async with _kafka_side(installation.settings) as side:
            async for line in _write(runtimes, side, folder):
                yield line
        await asyncio.to_thread(_sync, folder)
        folder.rename(target)
        sync_directory(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    manifest = read_manifest(target)
    size = sum(entry.size for entry in (*manifest.files, *manifest.objects))
    kept = Files(installation.settings)
    yield {"backup": str(target), "bytes": size, "taken_at": manifest.taken_at, "notes": objects.notes(kept)}


async def _write(runtimes: Mapping[str, RunningService], side: KafkaSide, folder: Path) -> AsyncIterator[Line]:
    # What comes from other systems is theirs: it goes on where the restored database is.
    topics = {topic for one in runtimes.values() for topic in _topics(one) if is_ours(topic)}
    files = []
    async with postgres.one_point(runtimes) as (snapshots, locks):
        # Still under the locks: whatever is in the log by now, its sender's snapshot knows of.
        ends = await asyncio.to_thread(side.ends, topics)
        await locks.aclose()
        for name, runtime in runtimes.items():
            dumped = folder / f"{name}.dump"
            await postgres.dump(runtime.database.url, snapshots[name], dumped)
            files.append(dumped)
            yield {"copied": name, "bytes": dumped.stat().st_size}
    for name, runtime in runtimes.items():
        own = _of(runtime, ends)
        path = folder / f"{name}.messages.gz"
        batches = side.between(snapshots[name].positions, own)
        count = await asyncio.to_thread(write_deliveries, path, batches)
        files.append(path)
        yield {"copied": f"under way to {name}: {count}", "bytes": path.stat().st_size}
    # After the databases: whatever those name has been kept.
    kept = runtimes["content"].files
    copied: list[FileEntry] = []
    if kept.directory is not None:
        names = await objects.on_disk(kept)
        copied = await asyncio.to_thread(objects.copy_all, kept.directory, names, folder / objects.FOLDER)
        size = sum(entry.size for entry in copied)
        yield {"copied": f"{len(copied)} objects of members' files in {kept.directory}", "bytes": size}
    manifest = Manifest.now(
        KIND,
        {name: snapshot.revision for name, snapshot in snapshots.items()},
        [await asyncio.to_thread(entry_of, path) for path in files],
        log_ends={f"{key.topic}/{key.partition}": end for key, end in sorted(ends.items())},
        objects=tuple(copied),
    )
    (folder / MANIFEST).write_bytes(manifest.to_json())


# --- restore ---------------------------------------------------------------------------------------------------------


async def restore(
    settings: Settings, source: Path, *, replace: bool = False, only: Sequence[str] | None = None
) -> AsyncIterator[Line]:
    """Restore the databases to the backup's point, or those of `only` while the others have gone on.

    All of them: what was under way is applied, and what the log got later, which nobody knows of any more, is skipped. Some of
    them: their consumers read again from where the restored database is; the inbox absorbs what it has. Raises `CommandFailed`.
    """
    postgres.check_tools()
    manifest = read_manifest(source)
    chosen = [name for name in SERVICES if name in manifest.schemas and (not only or name in only)]
    manifest.check_schemas({name: known_revisions(service(name)) for name in SERVICES}, source)
    for entry in _entries(manifest, chosen):
        await _check_file(entry, source)
        yield {"checked": entry.name, "bytes": entry.size}
    returning = manifest.objects if "content" in chosen else ()
    if returning:
        objects.check(returning, lambda name: (source / objects.FOLDER / name).open("rb"), source)
        yield {"checked": objects.FOLDER, "bytes": sum(entry.size for entry in returning)}
    async with opened(settings) as installation, _kafka_side(settings) as side:
        runtimes = {name: runtime for name, runtime in _on_postgres(installation).items() if name in chosen}
        for runtime in runtimes.values():
            await _check_idle(runtime, side)
            await _check_database(runtime, replace=replace)
        kept = installation.runtimes["content"].files
        if returning:
            yield {"doing": "putting back members' files"}
            await objects.put_back(kept, returning, lambda name: (source / objects.FOLDER / name).open("rb"))
        aside = f"{postgres.ASIDE}{datetime.now(UTC):%Y%m%dt%H%M%S}"
        for name, runtime in runtimes.items():
            yield {"doing": f"restoring {name}"}
            await _load(runtime, source / f"{name}.dump", aside if replace else None)
            await migrate(runtime.database, runtime.service)
        for name, runtime in runtimes.items():
            yield {"doing": f"moving {name}'s consumers"}
            if only:
                await _read_again(runtime, side)
            else:
                await _apply(runtime, source / f"{name}.messages.gz")
                await _skip_to_end(runtime, side)
        async for line in _restate(installation):
            yield line
        if "membership" in runtimes:
            await note(runtimes["membership"], "restore", source)
        if "content" in runtimes:
            async for line in objects.list_missing(runtimes["content"]):
                yield line
    yield {
        "restored": len(chosen),
        "taken_at": manifest.taken_at,
        "aside": f"the schema {aside} of each database" if replace else None,
        "notes": [
            *objects.notes(kept, restored=True),
            "Start the workers, then the APIs: what was restated is sent first.",
        ],
    }


def read_manifest(folder: Path) -> Manifest:
    """Raises `CommandFailed`."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        raise CommandFailed(f"{folder} is no backup of Qunxue: it has no {MANIFEST}") from None
    return Manifest.parse(content, kind=KIND, where=folder)


def _entries(manifest: Manifest, chosen: Sequence[str]) -> list[FileEntry]:
    return [entry for entry in manifest.files if entry.name.partition(".")[0] in chosen]


async def _check_file(entry: FileEntry, source: Path) -> None:
    path = source / entry.name
    if not path.is_file():
        raise CommandFailed(f"{source} is damaged: {entry.name} is missing")
    if await asyncio.to_thread(entry_of, path) != entry:
        raise CommandFailed(f"{source} is damaged: {entry.name} is not what was backed up")
    if path.suffix == ".dump":
        await postgres.check_dump(path)


async def _check_idle(runtime: RunningService, side: KafkaSide) -> None:
    for consumer in runtime.service.consumers:
        await asyncio.to_thread(side.check_idle, consumer)


async def _check_database(runtime: RunningService, *, replace: bool) -> None:
    try:
        async with runtime.database.writer.connect() as connection:
            if await postgres.occupants(connection):
                raise CommandFailed(
                    f"somebody is connected to {runtime.name}'s database: stop its api and worker processes"
                )
            if not replace and await postgres.holds_tables(connection):
                raise CommandFailed(
                    f"{runtime.name}'s database holds tables: --replace puts them aside and restores in their place"
                )
    except (DBAPIError, OSError, TimeoutError) as error:
        raise CommandFailed(f"{runtime.name}'s database cannot be reached: {error}") from error
    # The connections that are restored over must not be ours.
    await runtime.database.dispose()


async def _load(runtime: RunningService, dumped: Path, aside: str | None) -> None:
    if aside is not None:
        async with runtime.database.writer.begin() as connection:
            if await postgres.holds_tables(connection):
                await postgres.put_aside(connection, aside)
        await runtime.database.dispose()
    await postgres.load(runtime.database.url, dumped)


async def _apply(runtime: RunningService, messages: Path) -> None:
    """What had been sent to this service and not yet applied; what it had is in its inbox."""
    for consumer, handlers in runtime.service.consumers.items():
        dispatcher = Dispatcher(runtime.database, handlers, consumer, clock=runtime.clock)
        for batch in read_deliveries(messages, AT_ONCE):
            await dispatcher.apply(Batch(batch, {}, {}))


async def _skip_to_end(runtime: RunningService, side: KafkaSide) -> None:
    for consumer, handlers in runtime.service.consumers.items():
        async with runtime.database.reading() as session:
            kept = await kept_positions(session, consumer)
        ends = await asyncio.to_thread(side.ends, handlers.topics())
        wanted = {key: end if is_ours(key.topic) else kept.get(key, 0) for key, end in ends.items()}
        await _go_on_at(runtime, side, consumer, wanted)


async def _read_again(runtime: RunningService, side: KafkaSide) -> None:
    for consumer, handlers in runtime.service.consumers.items():
        async with runtime.database.reading() as session:
            kept = await kept_positions(session, consumer)
        ends = await asyncio.to_thread(side.ends, handlers.topics())
        # A partition that the restored database knows nothing of is read from its beginning.
        begins = await _go_on_at(runtime, side, consumer, {key: kept.get(key, 0) for key in ends})
        lost = {key: begin for key, begin in begins.items() if begin > kept.get(key, 0)}
        if lost:
            # What the log has deleted since the backup. All that can be restated is, below, so the consumer need not wait for it.
            async with runtime.database.transaction() as session:
                topics = await look_for_holes(session, consumer, lost, runtime.clock())
                await release(session, topics)


async def _go_on_at(runtime: RunningService, side: KafkaSide, consumer: str, wanted: Ends) -> Ends:
    positions = await asyncio.to_thread(functools.partial(side.move_group, consumer, wanted))
    async with runtime.database.transaction() as session:
        # The next backup asks the database how far it is.
        await keep_progress(session, consumer, positions, {}, runtime.clock())
    return positions


def _topics(runtime: RunningService) -> set[str]:
    return {topic for handlers in runtime.service.consumers.values() for topic in handlers.topics()}


async def _restate(installation: Installation) -> AsyncIterator[Line]:
    """Every service's snapshots into its outbox: what a consumer lost beyond the log's retention comes back by them."""
    for name, runtime in installation.runtimes.items():
        for subject, snapshots in runtime.service.republish.items():
            async for total in republish(runtime.database, snapshots, of=(name, subject)):
                yield {"doing": f"restating {name}: {subject} {total}"}


def _on_postgres(installation: Installation) -> dict[str, RunningService]:
    for name, runtime in installation.runtimes.items():
        if runtime.database.is_sqlite:
            raise CommandFailed(f"QUNXUE_{name.upper()}_DATABASE_URL names no PostgreSQL database")
    return installation.runtimes


def _of(runtime: RunningService, ends: Ends) -> Ends:
    topics = _topics(runtime)
    return {key: end for key, end in ends.items() if key.topic in topics}


@asynccontextmanager
async def _kafka_side(settings: Settings) -> AsyncIterator[KafkaSide]:
    if settings.kafka_bootstrap is None:
        raise CommandFailed("QUNXUE_KAFKA_BOOTSTRAP is not set: messages under way are part of a backup")
    side = await asyncio.to_thread(KafkaSide, KafkaOptions.of(settings))
    try:
        yield side
    finally:
        await asyncio.to_thread(side.close)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_directory(path)
            continue
        path.chmod(0o600)
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_directory(folder)
