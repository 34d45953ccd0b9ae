"""A rule valid from the past: whom it reaches, and the job that folds them again some at a time.

The version holds from the moment it is made. A member who does something before the job comes to them is folded again first
(`service.record`), so that nobody is paid by a mixture of what was and what is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.jobs import JobRun, Jobs
from services.gamification.earning import store
from services.gamification.earning.fold_rules import week_start
from services.gamification.earning.models import EarningRuleVersion
from services.gamification.earning.rulebook import Book, load_books
from services.gamification.earning.rules import RuleVersion
from services.gamification.earning.service import fold_again

RECOUNT = "earning.recount"
ROWS_AT_ONCE = 500
"""How many deeds a request may fold again itself."""
FIRST_CHUNK, MOST_MEMBERS = 8, 200

jobs = Jobs()

_versions: Any = EarningRuleVersion.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Reach:
    """The deeds that a version pays otherwise than before. `from_day` is where folds begin; None is the beginning."""

    community_id: UUID
    code: str
    trigger: str
    from_at: datetime | None
    from_day: date | None
    is_far: bool = False
    """Whether these are more than a request should fold."""

    @property
    def _deeds(self) -> ColumnElement[bool]:
        table = store.occurrences
        of_trigger: ColumnElement[bool] = and_(
            table.c.community_id == self.community_id, table.c.trigger == self.trigger
        )
        return of_trigger if self.from_at is None else and_(of_trigger, table.c.occurred_at >= self.from_at)

    async def members(
        self, session: AsyncSession, *, after: UUID | None = None, limit: int | None = None
    ) -> list[UUID]:
        """Who did them, in the order of id; those after one, and so many."""
        member_id = store.occurrences.c.member_id
        statement = select(member_id).where(self._deeds).distinct().order_by(member_id).limit(limit)
        if after is not None:
            statement = statement.where(member_id > after)
        return list((await session.execute(statement)).scalars())

    async def count(self, session: AsyncSession, *, limit: int) -> int:
        """How many deeds, counting no further than the limit."""
        some = select(store.occurrences.c.source_id).where(self._deeds).limit(limit).subquery()
        counted: int = (await session.execute(select(func.count()).select_from(some))).scalar_one()
        return counted


async def reach_of(
    session: AsyncSession, community_id: UUID, version: RuleVersion, book: Book, now: datetime
) -> Reach | None:
    """What a version reaches in the past; None where it begins now or later."""
    if version.valid_from is not None and version.valid_from >= now:
        return None
    reach = _reach(community_id, version, book)
    far = await reach.count(session, limit=ROWS_AT_ONCE + 1) > ROWS_AT_ONCE
    return _reach(community_id, version, book, is_far=far)


def _reach(community_id: UUID, version: RuleVersion, book: Book, *, is_far: bool = False) -> Reach:
    # From the Monday on, so that a week's cap is folded from its beginning.
    from_day = None if version.valid_from is None else week_start(book.calendars.day_of(version.valid_from))
    return Reach(community_id, version.code, version.trigger, version.valid_from, from_day, is_far)


@jobs.kind(RECOUNT)
async def recount(job: JobRun) -> None:
    """Fold the members again whom a version reaches, in chunks short enough for others to write meanwhile."""
    community_id, code, number = UUID(job.params["community_id"]), job.params["code"], job.params["version"]
    this = and_(_versions.c.community_id == community_id, _versions.c.code == code, _versions.c.version == number)
    await job.in_steps(
        lambda session, size: _chunk(session, job, this, community_id, code, number, size),
        first=FIRST_CHUNK,
        most=MOST_MEMBERS,
    )


async def _chunk(
    session: AsyncSession, job: JobRun, this: ColumnElement[bool], community_id: UUID, code: str, number: int, size: int
) -> bool:
    book = (await load_books(session, [community_id]))[community_id]
    version = next(each for each in book.rules[code].versions if each.version == number)
    if version.recount is None:
        return False
    reach = _reach(community_id, version, book)
    members = await reach.members(session, after=version.recount.done_to, limit=size)
    if not members:
        await session.execute(update(_versions).where(this).values(recounting=False))
        return False
    await fold_again(session, dict.fromkeys(members, community_id), codes=[code], from_day=version.recount.from_day)
    await session.execute(update(_versions).where(this).values(recounted_to=members[-1]))
    job.advance(done=len(members))
    return True
