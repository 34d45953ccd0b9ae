"""Adding up all facts anew, beside what is counted and read meanwhile.

A second generation of the rollups is filled in the order of the facts' names, in steps. What is counted meanwhile goes into both, if the
filling has passed its fact; else the filling still comes to it. Periods are added up from the days once these are there, member by member in
the order of their ids: a fact is in three of them, and to write each of those for every fact would take most of the time. Then one row says that the new one is read, and the one before is
deleted in steps. How far it is stands in that row: whoever goes on, goes on there.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, literal_column, select, update
from sqlalchemy import delete as sql_delete
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import is_postgres
from chassis.jobs import JobRun, Jobs, is_queued, start_job
from chassis.timers import Timer, Timers
from services.analytics.base import history
from services.analytics.facts.adding import add_periods, add_stored, last_of_days
from services.analytics.facts.occasions import PastChanged, past_changed
from services.analytics.facts.rules import FactKey
from services.analytics.facts.store import ROLLUPS, behind, facts, generations

REBUILD = "facts.rebuild"
FIRST_CHUNK, MOST_FACTS = 200, 5000
LOOKS = timedelta(minutes=5)
DAYS_FOR_A_FACT = 4
"""So many rows of days are added up to periods in the time in which one fact is added to its days, which writes."""
MOST_NUMBER = 30_000
"""After this generation comes the first again."""

_NOBODY, _EVERYBODY = UUID(int=0), UUID(int=(1 << 128) - 1)
_ALL_FACTS = FactKey((1 << 15) - 1, _EVERYBODY)
_BEGUN: dict[str, Any] = {"passed_verb": None, "passed_key": None, "passed_member_id": None}

jobs = Jobs()
timers = Timers()


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did, and whether it was the last."""

    counted: int = 0
    deleted: int = 0
    done: bool = False


async def begin(session: AsyncSession) -> bool:
    """Begin a new generation, unless one is being built. Whether it did."""
    row = await _held(session)
    if row.building is not None:
        return False
    # One that is not yet deleted whole must not be counted to.
    number = max(row.reading, row.deleting or 0) % MOST_NUMBER + 1
    await session.execute(update(generations).values(building=number, **_BEGUN))
    return True


async def step(session: AsyncSession, at_once: int) -> Step:
    """Count some more facts, or delete some of what is not read any longer."""
    row = await _held(session)
    if row.deleting is not None:
        deleted = await _delete_some(session, row.deleting, at_once)
        if not deleted:
            await session.execute(update(generations).values(deleting=None))
        return Step(deleted=deleted)
    if row.building is not None and row.passed_verb == _ALL_FACTS.verb:
        await _sum_up_some(session, row, at_once)
        return Step()
    if row.building is not None:
        return Step(counted=await _count_some(session, row, at_once))
    return Step(done=True)


async def _held(session: AsyncSession) -> Any:
    """The row, for us alone: nothing is counted meanwhile."""
    return (await session.execute(select(generations).with_for_update())).one()


async def _count_some(session: AsyncSession, row: Any, at_once: int) -> int:
    passed = None if row.passed_verb is None else FactKey(row.passed_verb, row.passed_key)
    named = select(facts.c.verb, facts.c.key).order_by(facts.c.verb, facts.c.key).limit(at_once)
    names = (await session.execute(named if passed is None else named.where(behind(passed)))).all()
    if names:
        last_of_verbs = {verb: FactKey(verb, key) for verb, key in names}
        await add_stored(session, row.building, after=passed, upto=list(last_of_verbs.values()))
        last = FactKey(*names[-1])
        await session.execute(update(generations).values(passed_verb=last.verb, passed_key=last.key))
    if len(names) < at_once:
        await session.execute(update(generations).values(passed_verb=_ALL_FACTS.verb, passed_key=_ALL_FACTS.key))
    return len(names)


async def _sum_up_some(session: AsyncSession, row: Any, at_once: int) -> None:
    """Add up the periods of some more members; after the last of them the new generation is read."""
    passed = row.passed_member_id or _NOBODY
    upto = await last_of_days(session, passed, at_once * DAYS_FOR_A_FACT)
    await add_periods(session, row.building, after=passed, upto=upto or _EVERYBODY)
    await session.execute(update(generations).values(passed_member_id=upto))
    if upto is None:
        await _read_the_new(session, row)


async def _read_the_new(session: AsyncSession, row: Any) -> None:
    swapped = {"reading": row.building, "building": None, "deleting": row.reading}
    await session.execute(update(generations).values(swapped | _BEGUN))
    # What is kept was computed from the rollups that were read until now.
    communities = (await session.execute(select(history.calendars.c.community_id).distinct())).scalars()
    await past_changed.happened(session, PastChanged(dict.fromkeys(communities, date.min)))


async def _delete_some(session: AsyncSession, generation: int, at_once: int) -> int:
    for table in ROLLUPS:
        place: Any = literal_column("ctid" if is_postgres(session) else "rowid")
        some = select(place).select_from(table).where(table.c.generation == generation).limit(at_once)
        # Of a list the one finds each row by its place, the other would read the whole table for it.
        among = place == any_(func.array(some.scalar_subquery())) if is_postgres(session) else place.in_(some)
        deleted: Any = await session.execute(sql_delete(table).where(among))
        if deleted.rowcount:
            return int(deleted.rowcount)
    return 0


@jobs.kind(REBUILD, limit=timedelta(hours=12))
async def rebuild(job: JobRun) -> None:
    """Go on until the new generation is read and the one before is gone."""

    async def some(session: AsyncSession, size: int) -> bool:
        made = await step(session, size)
        job.advance(done=made.counted + made.deleted)
        return not made.done

    await job.in_steps(some, first=FIRST_CHUNK, most=MOST_FACTS)


@timers.every(LOOKS, kind="facts.generations")
async def go_on(session: AsyncSession, timer: Timer) -> None:
    """Go on with a generation that nobody builds."""
    row = (await session.execute(select(generations))).one()
    unfinished = row.building is not None or row.deleting is not None
    if unfinished and not await is_queued(session, REBUILD, or_running=True):
        await start_job(session, REBUILD, {}, caller=None, now=timer.now)
