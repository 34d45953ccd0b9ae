"""Building an index anew, beside what is written and searched meanwhile.

A new generation gets what is written from its first moment on, and in steps what was there before. Once it has everything, searches ask
it, and the one before is deleted in steps. How far it is stands in its row: whoever goes on, goes on there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.timers import Timer, Timers
from services.content.search import tokens
from services.content.search.cutting import CUTTER
from services.content.search.indexing import put_into
from services.content.search.models import SearchDocument, SearchGeneration
from services.content.search.sources import SOURCES

AT_ONCE = 25
BUILDING = "search.reindex"
LOOKS = timedelta(minutes=5)

_DOCUMENTS: Table = SearchDocument.__table__  # type: ignore[attr-defined]

jobs = Jobs()
timers = Timers()


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did, and whether it was the last."""

    indexed: int = 0
    deleted: int = 0
    done: bool = False


async def begin(session: AsyncSession, now: datetime) -> bool:
    """Begin a new generation, unless one is being built. Whether it did."""
    every = select(SearchGeneration).order_by(col(SearchGeneration.number)).with_for_update()
    rows = (await session.execute(every)).scalars().all()
    if any(row.state == "building" for row in rows):
        return False
    number = max((row.number for row in rows), default=0) + 1
    session.add(SearchGeneration(number=number, cutter=CUTTER, created_at=now))
    return True


async def step(session: AsyncSession, at_once: int = AT_ONCE) -> Step:
    """Index some more, or delete some of what is not asked any longer."""
    waiting = select(SearchGeneration).where(col(SearchGeneration.state) != "live")
    rows = (await session.execute(waiting.order_by(col(SearchGeneration.number)).with_for_update())).scalars().all()
    building = next((row for row in rows if row.state == "building"), None)
    if building is not None:
        return Step(indexed=await _build(session, building, at_once))
    if rows:
        return Step(deleted=await _clear(session, rows[0], at_once))
    return Step(done=True)


async def _build(session: AsyncSession, row: SearchGeneration, at_once: int) -> int:
    kinds = list(SOURCES)
    kind = row.kind or kinds[0]
    entries = await SOURCES[kind](session, row.after_id, at_once)
    indexed = 0
    for entry in entries:
        indexed += await put_into(session, entry, row.number)
    row.kind = kind
    if entries:
        row.after_id = entries[-1].thing_id
    if len(entries) < at_once:
        later = kinds[kinds.index(kind) + 1 :]
        if later:
            row.kind, row.after_id = later[0], None
        else:
            await _ask(session, row)
    return indexed


async def _ask(session: AsyncSession, row: SearchGeneration) -> None:
    before = select(SearchGeneration).where(col(SearchGeneration.state) == "live").with_for_update()
    for other in (await session.execute(before)).scalars():
        other.state = "old"
    row.state = "live"


async def _clear(session: AsyncSession, row: SearchGeneration, at_once: int) -> int:
    some = select(col(SearchDocument.number)).where(col(SearchDocument.generation) == row.number).limit(at_once)
    numbers = list((await session.execute(some)).scalars())
    if not numbers:
        await session.delete(row)
        return 0
    await tokens.forget(session, numbers)
    await session.execute(delete(_DOCUMENTS).where(_DOCUMENTS.c.number.in_(numbers)))
    return len(numbers)


@jobs.kind(BUILDING, limit=timedelta(hours=12))
async def build(job: JobRun) -> None:
    """Go on until the index is built and the one before is gone."""
    done = False
    while not done:
        async with job.step() as session:
            made = await step(session)
            job.advance(done=made.indexed + made.deleted)
            done = made.done


@timers.every(LOOKS, kind="search.generations")
async def keep(session: AsyncSession, timer: Timer) -> None:
    """Have an index built where there is none, or one by an earlier cutter; go on with one that nobody builds."""
    latest, unfinished = (
        await session.execute(
            select(
                func.max(col(SearchGeneration.cutter)),
                func.count(col(SearchGeneration.number)).filter(col(SearchGeneration.state) != "live"),
            )
        )
    ).one()
    if latest is None or latest < CUTTER:
        unfinished += await begin(session, timer.now)
    if unfinished and not await is_queued(session, BUILDING, or_running=True):
        await start_job(session, BUILDING, {}, caller=None, now=timer.now)
