"""What was so when something happened becomes known late, or becomes otherwise: what was counted by it is counted again.

What is known holds at once, for whatever is counted from then on. What was counted is looked at again: at once where it is little, else by a
job, some at a time. Until that comes to a fact, it counts as it did.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import moment_of
from chassis.jobs import JobRun, Jobs, start_job
from chassis.messaging.handlers import Received
from chassis.projections.history import days_moved_by, keep_calendars, keep_statuses
from services.analytics.facts.dimensions import (
    keep_places,
    keep_stands,
    lock_communities,
    member_stands,
    members_of,
    places_of,
    stands_of,
)
from services.analytics.facts.rules import FactKey, State
from services.analytics.facts.service import recount
from services.analytics.facts.store import behind, facts, member_days, state_of

LOOK_AGAIN, LOOK_AT_COMMUNITY = "facts.look_again", "facts.look_at_community"
AT_ONCE = 500
"""How many facts a message may have counted again itself."""
FIRST_CHUNK, MOST_FACTS = 100, 2000
_EVER = datetime.min.replace(tzinfo=UTC)

jobs = Jobs()


async def people_moved(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep where people work from when on; what they did since then counts there."""
    people = {message.data.person_id for message in messages}
    members = await members_of(session, people)
    await lock_communities(session, {community_id for _, community_id, _ in members})
    before = await places_of(session, people)
    await keep_places(session, messages)
    after = await places_of(session, people)
    since = _since(before, after)
    await _look_again(
        session,
        {member_id: (community_id, since[person]) for member_id, community_id, person in members if person in since},
    )


async def members_moved(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep what members are from when on; what they did since then counts as that. Facts that waited for them count now."""
    communities = {message.data.member_id: message.data.community_id for message in messages}
    await lock_communities(session, communities.values())
    before = await stands_of(session, communities)
    await keep_statuses(session, messages)
    await keep_stands(session, messages)
    after = await stands_of(session, communities)
    since = _since(before, after)
    await _look_again(session, {member_id: (communities[member_id], at) for member_id, at in since.items()})


async def days_moved(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep each community's calendars; what was done on what is another day now is moved there."""
    await lock_communities(session, {message.data.community_id for message in messages})
    moved = await days_moved_by(session, messages)
    await keep_calendars(session, messages)
    for community_id, from_at in sorted(moved.items()):
        await _look_at_community(session, community_id, from_at)


def _since(before: Mapping[UUID, Sequence[Any]], after: Mapping[UUID, Sequence[Any]]) -> dict[UUID, datetime]:
    """From when on something is otherwise than it was said to be, of whom it is."""
    since: dict[UUID, datetime] = {}
    for one, versions in after.items():
        old, new = _steps(before.get(one, ())), _steps(versions)
        if old == new:
            continue
        is_later = bool(old) and new[: len(old)] == old
        since[one] = new[len(old)].at if is_later else _EVER
    return since


def _steps(versions: Sequence[Any]) -> list[Any]:
    """The versions that said something new."""
    steps: list[Any] = []
    for one in versions:
        if not steps or one[1:] != steps[-1][1:] or one.at < steps[-1].at:
            steps.append(one)
    return steps


async def _look_again(session: AsyncSession, moved: Mapping[UUID, tuple[UUID, datetime]]) -> None:
    """Count again what members did from a moment on; each is given with its community and that moment."""
    concerned = await _concerned(session, moved)
    if not concerned:
        return
    if await _facts_of(session, concerned, limit=AT_ONCE + 1) <= AT_ONCE:
        since = min(moved[member_id][1] for member_id in concerned)
        await _recounted(session, await _some(session, facts.c.member_id, concerned, since))
        return
    scopes = {str(member_id): [str(moved[member_id][0]), _told(moved[member_id][1])] for member_id in concerned}
    await start_job(session, LOOK_AGAIN, {"members": scopes}, caller=None, now=moment_of(session), total=len(scopes))


async def _concerned(session: AsyncSession, moved: Mapping[UUID, tuple[UUID, datetime]]) -> list[UUID]:
    """Of these members, in order, those who did anything that may count otherwise."""
    whoever = [member_id for member_id, (_, at) in moved.items() if at == _EVER]
    later = {member_id: at for member_id, (_, at) in moved.items() if at != _EVER}
    if later:
        # A day is not over everywhere at once.
        from_day = (min(later.values()) - timedelta(days=2)).date()
        active = select(member_days.c.member_id).where(
            among(session, member_days.c.member_id, later), member_days.c.day >= from_day
        )
        whoever += (await session.execute(active.distinct())).scalars()
    return sorted(whoever)


async def _facts_of(session: AsyncSession, member_ids: Sequence[UUID], *, limit: int) -> int:
    """How many facts they have, counting no further than the limit."""
    some = select(facts.c.verb).where(among(session, facts.c.member_id, member_ids)).limit(limit).subquery()
    found: int = (await session.execute(select(func.count()).select_from(some))).scalar_one()
    return found


async def _some(
    session: AsyncSession,
    column: Any,
    values: Iterable[UUID],
    since: datetime,
    *conditions: Any,
    after: FactKey | None = None,
    limit: int | None = None,
) -> list[State]:
    """Facts from a moment on, in order; those after one, and so many."""
    statement = select(facts).where(among(session, column, values), *conditions)
    if since != _EVER:
        statement = statement.where(facts.c.at >= since)
    if after is not None:
        statement = statement.where(behind(after))
    if limit is not None:
        statement = statement.order_by(facts.c.verb, facts.c.key).limit(limit)
    return [state_of(row) for row in await session.execute(statement)]


async def _recounted(session: AsyncSession, states: Sequence[State]) -> None:
    if states:
        before = {state.name: state_of(_values(state)) for state in states}
        await recount(session, before, states)


def _values(state: State) -> Iterable[Any]:
    return (getattr(state, name) for name in State.__slots__)


def _told(moment: datetime) -> str | None:
    return None if moment == _EVER else moment.isoformat()


def _moment(told: str | None) -> datetime:
    return _EVER if told is None else datetime.fromisoformat(told)


# --- jobs ----------------------------------------------------------------------------------------------------------


@jobs.kind(LOOK_AGAIN)
async def look_again(job: JobRun) -> None:
    """Count again what some members did, one after the other, in chunks short enough for others to write meanwhile."""
    await job.in_steps(lambda session, size: _next_of_members(session, job, size), first=FIRST_CHUNK, most=MOST_FACTS)


async def _next_of_members(session: AsyncSession, job: JobRun, size: int) -> bool:
    left = sorted(member_id for member_id in job.params["members"] if member_id > job.result.get("done_to", ""))
    if not left:
        return False
    member_id = left[0]
    community_id, told = job.params["members"][member_id]
    await lock_communities(session, [UUID(community_id)])
    states = await _some(session, facts.c.member_id, [UUID(member_id)], _moment(told), after=_passed(job), limit=size)
    await _recounted(session, states)
    if not _goes_on(job, states, size):
        job.result["done_to"] = member_id
        job.advance(done=1)
    return True


async def _look_at_community(session: AsyncSession, community_id: UUID, from_at: datetime) -> None:
    """Count again what was done in a community from a moment on."""
    members = await _members(session, community_id, limit=AT_ONCE + 1)
    nobodys = select(facts.c.verb).where(*_nobodys(community_id)).limit(AT_ONCE + 1).subquery()
    many = (await session.execute(select(func.count()).select_from(nobodys))).scalar_one()
    if len(members) <= AT_ONCE and many <= AT_ONCE:
        many += await _facts_of(session, members, limit=AT_ONCE + 1)
    if many + len(members) <= AT_ONCE:
        await _recounted(session, await _some(session, facts.c.member_id, members, from_at))
        own = await _some(session, facts.c.community_id, [community_id], from_at, facts.c.member_id.is_(None))
        await _recounted(session, own)
        return
    params = {"community_id": str(community_id), "from_at": _told(from_at)}
    now = moment_of(session)
    await start_job(session, LOOK_AT_COMMUNITY, params, caller=None, now=now, community_id=community_id)


def _nobodys(community_id: UUID) -> tuple[Any, ...]:
    return facts.c.community_id == community_id, facts.c.member_id.is_(None)


async def _members(session: AsyncSession, community_id: UUID, *, after: UUID | None = None, limit: int) -> list[UUID]:
    ids = select(member_stands.c.member_id).where(member_stands.c.community_id == community_id)
    if after is not None:
        ids = ids.where(member_stands.c.member_id > after)
    return list((await session.execute(ids.distinct().order_by(member_stands.c.member_id).limit(limit))).scalars())


@jobs.kind(LOOK_AT_COMMUNITY)
async def look_at_community(job: JobRun) -> None:
    """Count again what was done in a community: by its members in the order of id, then by nobody."""
    await job.in_steps(lambda session, size: _next_of_community(session, job, size), first=FIRST_CHUNK, most=MOST_FACTS)


async def _next_of_community(session: AsyncSession, job: JobRun, size: int) -> bool:
    community_id, since = UUID(job.params["community_id"]), _moment(job.params["from_at"])
    await lock_communities(session, [community_id])
    done_to = job.result.get("done_to")
    members = await _members(session, community_id, after=UUID(done_to) if done_to else None, limit=1)
    if members:
        states = await _some(session, facts.c.member_id, members, since, after=_passed(job), limit=size)
    else:
        nobodys = facts.c.member_id.is_(None)
        states = await _some(
            session, facts.c.community_id, [community_id], since, nobodys, after=_passed(job), limit=size
        )
    await _recounted(session, states)
    if _goes_on(job, states, size):
        return True
    if members:
        job.result["done_to"] = str(members[0])
        job.advance(done=1)
    return bool(members)


def _passed(job: JobRun) -> FactKey | None:
    passed = job.result.get("passed")
    return None if passed is None else FactKey(passed[0], UUID(passed[1]))


def _goes_on(job: JobRun, states: Sequence[State], size: int) -> bool:
    """Whether there may be more of the same; remembers how far it came."""
    if len(states) < size:
        job.result.pop("passed", None)
        return False
    job.result["passed"] = [states[-1].verb, str(states[-1].key)]
    job.advance(done=1)
    return True
