"""Trying an earning rule on what was done, before it is put: a job that changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.chunks import Chunks
from chassis.database.statements import is_postgres
from chassis.days import day_began_at
from chassis.jobs import JobRun, Jobs, own_jobs, start_job
from chassis.moments import Calendars
from chassis.problems import INVALID, FieldError, ProblemType
from chassis.web.work import Work
from services.gamification.earning.fold_rules import week_start
from services.gamification.earning.folding import Plan
from services.gamification.earning.rulebook import Book, load_books
from services.gamification.earning.rulemaking import next_version
from services.gamification.earning.schemas import EarningRuleTrial
from services.gamification.earning.service import fold_again
from services.gamification.earning.trial_rules import distribution
from services.gamification.ledger.models import Wallet

TRYING: Final = "earning.dry-run"
MOST_AT_WORK: Final = 10
"""How many of one caller may wait or run in a community: each may read all that its members ever did."""
FIRST_CHUNK, MOST_MEMBERS = 8, 200
_NEVER = datetime.min.replace(tzinfo=UTC)

TOO_MANY_DRY_RUNS = ProblemType(
    "too_many_dry_runs",
    409,
    en="Too many dry runs of yours have not ended; wait for one or cancel it",
    zh="您尚未结束的试算过多，请等待或取消其中一个",
)

jobs = Jobs()


@dataclass(frozen=True, slots=True)
class Span:
    """The moments of the days on which a rule is tried: from the first (None: the beginning), before the last."""

    from_at: datetime | None
    before: datetime | None

    def has(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        return at >= (self.from_at or _NEVER) and (self.before is None or at < self.before)


async def start_trial(work: Work, trial: EarningRuleTrial) -> UUID:
    """Have a rule tried; the same one that is being tried goes on. Returns the job. Raises as `put_rule`, and `TOO_MANY_DRY_RUNS`."""
    await work.permit(trial.community_id)
    if trial.from_ is not None and trial.to is not None and trial.to < trial.from_:
        raise INVALID(errors=[FieldError("/to", "before_from", "It is before `from`.", "早于 `from`。")])
    book = (await load_books(work.session, [trial.community_id]))[trial.community_id]
    next_version(book, trial.version(trial.code, None), work.now)
    await _one_at_a_time(work.session, trial.community_id)
    params = {**trial.model_dump(mode="json", by_alias=True), "dry_run": True}
    mine = await own_jobs(work.session, TRYING, caller=work.caller, community_id=trial.community_id)
    for job_id, tried in mine.items():
        if tried == params:
            return job_id
    if len(mine) >= MOST_AT_WORK:
        raise TOO_MANY_DRY_RUNS(limit=MOST_AT_WORK)
    job_id = await start_job(
        work.session, TRYING, params, caller=work.caller, now=work.now, community_id=trial.community_id
    )
    what = AuditObject("earning_rule", trial.code, trial.community_id)
    await audit(work.session, work.caller, what, "earning_rules.try", {}, work.now)
    return job_id


async def _one_at_a_time(session: AsyncSession, community_id: UUID) -> None:
    """Let one caller at a time see what is at work in a community; nobody else waits for this lock."""
    if is_postgres(session):
        key = (community_id.int ^ 0xD4) & ((1 << 63) - 1)
        await session.execute(select(func.pg_advisory_xact_lock(key)))


@jobs.kind(TRYING)
async def try_on_all(job: JobRun) -> None:
    """Fold what members did as if the rule had been there, some members at a time, without a lock, and write no more than the figures."""
    trial = EarningRuleTrial.model_validate({name: said for name, said in job.params.items() if name != "dry_run"})
    figures, chunks, more = Figures(job.result), Chunks(FIRST_CHUNK, MOST_MEMBERS), True
    while more:
        with chunks.timed() as size:
            async with job.runtime.database.reading() as session:
                if job.total is None:
                    job.total = await _count(session, trial.community_id)
                members = await _members(session, trial.community_id, after=figures.after, limit=size)
                if members:
                    plan, span = await _tried(session, trial, members, job.started_at)
                    figures.add(plan, span)
        more = len(members) == size
        figures.after = members[-1] if members else figures.after
        async with job.step():
            job.result = figures.kept() if more else figures.told()
            job.advance(done=len(members))


async def _tried(
    session: AsyncSession, trial: EarningRuleTrial, members: Sequence[UUID], now: datetime
) -> tuple[Plan, Span]:
    book = (await load_books(session, [trial.community_id]))[trial.community_id]
    span = Span(
        None if trial.from_ is None else _began(trial.from_, book.calendars),
        None if trial.to is None else _began(trial.to + timedelta(days=1), book.calendars),
    )
    changed = book.with_version(next_version(book, trial.version(trial.code, span.from_at), now))
    plan = await fold_again(
        session,
        dict.fromkeys(members, trial.community_id),
        codes=[trial.code],
        from_day=_first_day(book, span),
        to_day=trial.to,
        preview={trial.community_id: changed},
    )
    return plan, span


def _first_day(book: Book, span: Span) -> date | None:
    # From the Monday on, so that a week's cap is folded from its beginning.
    return None if span.from_at is None else week_start(book.calendars.day_of(span.from_at))


def _began(day: date, calendars: Calendars) -> datetime:
    calendar = calendars.at(datetime.combine(day, time(12), tzinfo=UTC))
    return day_began_at(day, time_zone=calendar.time_zone, day_starts_at=calendar.day_starts_at)


async def _count(session: AsyncSession, community_id: UUID) -> int:
    counted: int = (
        await session.execute(select(func.count()).where(col(Wallet.community_id) == community_id))
    ).scalar_one()
    return counted


async def _members(session: AsyncSession, community_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    member_id = col(Wallet.member_id)
    statement = (
        select(member_id).where(col(Wallet.community_id) == community_id, member_id.is_not(None)).order_by(member_id)
    )
    if after is not None:
        statement = statement.where(member_id > after)
    return list((await session.execute(statement.limit(limit))).scalars())


class Figures:
    """What is counted so far; the job keeps it with each step, so that it goes on where it stopped."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self.after = UUID(kept["after"]) if kept.get("after") else None
        self._points = distribution(kept.get("points", {}))
        self._xp = distribution(kept.get("xp", {}))
        self._counts = Counter(kept.get("counts", {}))
        self._refused = Counter(kept.get("refused", {}))

    def add(self, plan: Plan, span: Span) -> None:
        """Count some members: what they had, and what they would have."""
        had: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
        change: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
        for stood in plan.stood:
            if span.has(stood.occurrence.occurred_at):
                _add(had[stood.occurrence.member_id], stood.points, stood.xp)
        for posting in plan.postings:
            if span.has(posting.occurred_at):
                _add(change[posting.member_id], *posting.gains())
        concerned = set(had) | set(change)
        for grant in plan.grants:
            if span.has(grant.deed.occurrence.occurred_at):
                concerned.add(grant.deed.occurrence.member_id)
                self._counts["deeds"] += 1
                self._counts["paid_deeds"] += grant.pays
                if grant.refused is not None:
                    self._refused[grant.refused] += 1
        self._counts["members"] += len(concerned)
        for member_id in concerned:
            self._add_member(had[member_id], change[member_id])

    def _add_member(self, had: list[int], change: list[int]) -> None:
        points, xp = had[0] + change[0], had[1] + change[1]
        self._points.add(points)
        self._xp.add(xp)
        self._counts["present_points"] += had[0]
        self._counts["present_xp"] += had[1]
        self._counts["present_members"] += had != [0, 0]
        self._counts["rewarded"] += points != 0 or xp != 0
        self._counts["more"] += change[0] > 0 or (change[0] == 0 and change[1] > 0)
        self._counts["less"] += change[0] < 0 or (change[0] == 0 and change[1] < 0)

    def kept(self) -> dict[str, Any]:
        """As the job keeps it between two steps."""
        return {
            "after": str(self.after) if self.after else None,
            "points": self._points.kept(),
            "xp": self._xp.kept(),
            "counts": dict(self._counts),
            "refused": dict(self._refused),
        }

    def told(self) -> dict[str, Any]:
        """The result."""
        points, xp, counts = self._points.told(), self._xp.told(), self._counts
        return {
            "members": counts["members"],
            "rewarded": counts["rewarded"],
            "deeds": counts["deeds"],
            "paid_deeds": counts["paid_deeds"],
            "points": points,
            "xp": xp,
            "refused": dict(sorted(self._refused.items())),
            "present": {
                "members": counts["present_members"],
                "points": counts["present_points"],
                "xp": counts["present_xp"],
            },
            "difference": {
                "points": points["total"] - counts["present_points"],
                "xp": xp["total"] - counts["present_xp"],
                "more": counts["more"],
                "less": counts["less"],
            },
        }


def _add(amounts: list[int], points: int, xp: int) -> None:
    amounts[0] += points
    amounts[1] += xp
