"""What operators do to the databases: a command each. `control` decides which process runs them."""

import asyncio
import heapq
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Select, desc, select

from chassis.audit import AuditObject, audit
from chassis.chunks import Chunks
from chassis.database.migrations import is_at_head
from chassis.messaging.dead_letters import DeadLetter, ReplayFailedError, list_dead_letters, replay, show_dead_letter
from chassis.messaging.handlers import DEEDS
from chassis.messaging.holes import holes, release
from chassis.messaging.republish import all_deeds, republish
from chassis.problems import Problem
from chassis.service import RunningService
from qunxue.backups import embedded
from qunxue.backups.noting import note
from qunxue.command import Command, CommandFailed, Line, id_of, moment_of, runtime_of
from qunxue.holes import accept_hole, list_holes
from qunxue.installation import Installation
from services.analytics.facts import rebuilding
from services.content.search import generations
from services.gamification.ledger.verification import snapshot, verify
from services.membership.bootstrap import reset_password, take_second_factor

ACTOR = "system"
PROGRESS_SECONDS = 0.5


async def list_letters(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """What each service (or the one named) could not apply."""
    wanted = [arguments["service"]] if arguments.get("service") else list(installation.runtimes)
    for name in wanted:
        async with runtime_of(installation, name).database.reading() as session:
            letters = await list_dead_letters(session, replayed=bool(arguments.get("all")), limit=1000)
        for letter in letters:
            yield _brief(name, letter)


async def show_letter(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """One dead letter with its payload."""
    name = arguments["service"]
    async with runtime_of(installation, name).database.reading() as session:
        letter = await show_dead_letter(session, id_of(arguments["id"], "dead letter"))
    if letter is None:
        raise CommandFailed("there is no such dead letter")
    yield _brief(name, letter) | {
        "headers": {key: value.decode("utf-8", "replace") for key, value in letter.delivery.headers},
        "payload": letter.delivery.value.decode("utf-8", "replace")[:10_000],
    }


async def replay_letters(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Apply dead letters once more, under their own ids: one, or all that were not replayed yet."""
    name = arguments["service"]
    runtime = runtime_of(installation, name)
    if arguments.get("id"):
        ids = [id_of(arguments["id"], "dead letter")]
    else:
        async with runtime.database.reading() as session:
            ids = [letter.id for letter in await list_dead_letters(session, limit=10_000)]
    for id_ in ids:
        yield await _replay(runtime, id_)


async def _replay(runtime: RunningService, id_: UUID) -> Line:
    now = runtime.clock()

    async def audited(session: Any, letter: DeadLetter) -> None:
        await audit(session, None, AuditObject("dead_letter", letter.id), "dead_letter.replay", {}, now)

    async with runtime.database.reading() as session:
        letter = await show_dead_letter(session, id_)
    if letter is None:
        raise CommandFailed("there is no such dead letter")
    handlers = runtime.service.consumers[letter.consumer]
    try:
        await replay(runtime.database, handlers, id_, now=now, actor=ACTOR, audited=audited)
    except ReplayFailedError as error:
        return {"id": str(id_), "replayed": False, "why": str(error)}
    return {"id": str(id_), "replayed": True}


async def restate(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Write snapshots of everything of one subject, or of all, or all deeds, to the outbox; whoever waits for them reads on."""
    runtime = runtime_of(installation, arguments["service"])
    known, wanted = dict(runtime.service.republish), arguments.get("subject")
    since = moment_of(arguments["since"]) if arguments.get("since") else None
    if since is not None and wanted != DEEDS:
        raise CommandFailed(f"--since goes with {DEEDS} alone")
    if wanted == DEEDS:
        await _refuse_too_late(installation, runtime, since)
        known[DEEDS] = all_deeds(runtime.service.deeds, since)
    if not known or (wanted and wanted not in known):
        raise CommandFailed(f"{runtime.name} can republish {', '.join([*known, DEEDS])}, not {wanted or 'anything'!r}")
    for subject in [wanted] if wanted else known:
        async with runtime.database.transaction(actor=ACTOR) as session:
            await audit(session, None, AuditObject(subject, None), "republish", {}, runtime.clock())
        yield {"subject": subject, "republished": 0}
        rows = runtime.settings.history_outbox_rows
        of = (runtime.name, subject)
        async for total in republish(runtime.database, known[subject], of=of, actor=ACTOR, rows=rows):
            yield {"subject": subject, "republished": total}
    for name, reader in installation.runtimes.items():
        readers = reader.service.consumers.values()
        topics = [topic for topic in runtime.service.publishes if any(one.restatable(topic) for one in readers)]
        async with reader.database.transaction(actor=ACTOR) as session:
            for topic in await release(session, topics):
                yield {"released": name, "topic": topic}


async def reindex(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Build the index of search anew beside the one that is asked, or go on where that was left."""
    runtime = runtime_of(installation, "content")
    async with runtime.database.transaction(actor=ACTOR) as session:
        began = await generations.begin(session, runtime.clock())
        await audit(session, None, AuditObject("search_index", None), "reindex", {}, runtime.clock())
    yield {"began": began}
    done = False
    while not done:
        async with runtime.database.transaction(actor=ACTOR) as session:
            made = await generations.step(session)
        done = made.done
        yield {"indexed": made.indexed, "deleted": made.deleted}
        # Requests in this process come first.
        await asyncio.sleep(0)


async def recount(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Add up all facts anew beside the rollups that are read, or go on where that was left."""
    runtime = runtime_of(installation, "analytics")
    async with runtime.database.transaction(actor=ACTOR) as session:
        began = await rebuilding.begin(session)
        await audit(session, None, AuditObject("rollups", None), "recount", {}, runtime.clock())
    yield {"began": began}
    chunks, done = Chunks(rebuilding.FIRST_CHUNK, rebuilding.MOST_FACTS), False
    while not done:
        with chunks.timed() as size:
            async with runtime.database.transaction(actor=ACTOR) as session:
                made = await rebuilding.step(session, size)
        done = made.done
        yield {"counted": made.counted, "deleted": made.deleted}
        # Requests in this process come first.
        await asyncio.sleep(0)


async def _refuse_too_late(installation: Installation, owner: RunningService, since: datetime | None) -> None:
    """What somebody lost before that moment would stay lost, and nobody would know."""
    if since is None:
        return
    for name, reader in installation.runtimes.items():
        async with reader.database.reading() as session:
            for hole in await holes(session):
                if hole.topic in owner.service.publishes and (hole.known_until is None or hole.known_until < since):
                    known = hole.known_until.isoformat() if hole.known_until else "never"
                    raise CommandFailed(f"{name} lost deeds from before that: it knows {hole.topic} until {known}")


async def read_audit(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Who did what, in all services, the newest first: `limit` entries, filtered."""
    found: list[list[tuple[datetime, Line]]] = []
    for name, runtime in installation.runtimes.items():
        async with runtime.database.reading() as session:
            rows = (await session.execute(_audit_query(runtime, arguments))).mappings().all()
        found.append([(row["at"], {"service": name} | {str(key): value for key, value in row.items()}) for row in rows])
    merged = heapq.merge(*found, key=lambda item: item[0], reverse=True)
    for _, (_, line) in zip(range(arguments["limit"]), merged, strict=False):
        yield line


def _audit_query(runtime: RunningService, arguments: dict[str, Any]) -> Select[Any]:
    entries = runtime.service.tables.chassis.audit_entries
    query = select(entries).order_by(desc(entries.c.at), desc(entries.c.id)).limit(arguments["limit"])
    for column in ("actor", "action", "object_id", "object_kind"):
        if arguments.get(column):
            query = query.where(entries.c[column] == arguments[column])
    if arguments.get("community"):
        query = query.where(entries.c.community_id == id_of(arguments["community"], "community"))
    if arguments.get("since"):
        query = query.where(entries.c.at >= moment_of(arguments["since"]))
    return query


async def verify_ledger(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Check every wallet and transfer; says what does not hold, then how much was checked."""
    async with runtime_of(installation, "gamification").database.reading() as session:
        await snapshot(session)
        far: list[int] = []
        verifying = asyncio.create_task(
            verify(session, progress=lambda done, of: far.__setitem__(slice(None), [done, of]))
        )
        try:
            while not (await asyncio.wait({verifying}, timeout=PROGRESS_SECONDS))[0]:
                if far:
                    yield {"verified": far[0], "of": far[1]}
            verdict = await verifying
            lost = await holes(session, open_only=False)
        finally:
            verifying.cancel()
    for fault in verdict.faults:
        yield {
            "fault": fault.invariant,
            "detail": f"{fault.where}: expected {fault.expected}, found {fault.found}",
        }
    if verdict.broken > len(verdict.faults):
        yield {"fault": "more", "detail": f"{verdict.broken - len(verdict.faults)} more are not shown"}
    for hole in lost:
        yield {
            "unknown": f"messages of {hole.topic} recorded after {hole.known_until or 'the beginning'} were lost before"
            f" {hole.noticed_at}: what they would have paid is not in the books"
        }
    yield {"wallets": verdict.members, "transfers": verdict.transfers} | verdict.sums


async def new_password(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Set a new password for a person, on behalf of whoever has the host. The person's sessions end."""
    try:
        password = await reset_password(runtime_of(installation, "membership"), arguments["login"])
    except LookupError:
        raise CommandFailed(f"nobody active logs in as {arguments['login']!r}") from None
    yield {"password": password}


async def no_second_factor(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Take away the second factor that a person lost. The person's sessions end; their password stays."""
    try:
        await take_second_factor(runtime_of(installation, "membership"), arguments["login"])
    except LookupError:
        raise CommandFailed(f"nobody logs in as {arguments['login']!r}") from None
    except Problem as problem:
        raise CommandFailed(problem.type.en) from None
    yield {"reset": arguments["login"]}


async def back_up(installation: Installation, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Everything at one point in time, to a file or directory that does not exist yet."""
    target = Path(arguments["target"])
    if installation.settings.mode == "embedded":
        take = embedded.backup
    else:
        from qunxue.backups import distributed  # with Kafka's library, which takes a while to load

        take = distributed.backup
    membership = runtime_of(installation, "membership")
    try:
        async for line in take(installation, target):
            if "backup" in line and await is_at_head(membership.database, membership.service):
                # That a copy of everything exists is something to know of.
                await note(membership, "backup", target)
            yield line
    except TimeoutError as error:
        raise CommandFailed("a write that does not end kept the point from being set; try again") from error
    except (OSError, sqlite3.Error) as error:
        raise CommandFailed(f"the backup was not written: {error}") from error


def _brief(service: str, letter: DeadLetter) -> Line:
    return {
        "service": service,
        "consumer": letter.consumer,
        "id": str(letter.id),
        "type": letter.type,
        "handler": letter.handler,
        "reason": letter.reason,
        "detail": letter.detail,
        "failed_at": letter.failed_at,
        "replayed_at": letter.replayed_at,
    }


COMMANDS = {
    "dead-letters.list": Command(list_letters),
    "dead-letters.show": Command(show_letter),
    "dead-letters.replay": Command(replay_letters),
    "republish": Command(restate),
    "reindex": Command(reindex),
    "recount": Command(recount),
    "holes.list": Command(list_holes),
    "holes.accept": Command(accept_hole),
    "audit": Command(read_audit),
    "ledger.verify": Command(verify_ledger),
    "admin.reset-password": Command(new_password),
    "admin.reset-second-factor": Command(no_second_factor),
    "backup": Command(back_up, any_schema=True),
}
