"""What a participant handed in, and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, NOT_FOUND, ProblemType
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.gamification.permissions import (
    CHECKIN_PLANS_COMMENT,
    CHECKIN_PLANS_REVIEW,
    CHECKINS_CREATE,
    CHECKINS_READ,
)
from services.gamification.plans import problems
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.queries import participations


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads a plan's days. `fellow`: they take part."""

    plan: CheckinPlan
    standing: Standing
    fellow: bool

    @property
    def reviews(self) -> bool:
        """Whether they review what others hand in: lecturers, mentors, and who runs the community."""
        return reviews(self.standing)

    @property
    def reads_everything(self) -> bool:
        """Whether notes and reasons are for them, whatever the plan says of notes."""
        return self.reviews or Reach.ALL in CHECKINS_READ.reach(self.standing.columns)

    @property
    def reads_others(self) -> bool:
        """Whether they read what others handed in. Who is suspended reads their own."""
        return self.reads_everything or (self.fellow and "X" not in self.standing.columns)


def reviews(standing: Standing) -> bool:
    """Whether somebody reviews the days of a community's plans."""
    reach = CHECKIN_PLANS_REVIEW.reach(standing.columns)
    mentor = standing.member is not None and "mentor" in standing.member.roles
    return Reach.ALL in reach or (Reach.ASSIGNED in reach and mentor)


async def reader_of(work: Work, plan: CheckinPlan, *, of: Permission = CHECKINS_READ) -> Reader:
    """What the caller is to a plan's days. Raises what `authorize` raises."""
    standing = await authorize(
        work.session, work.caller, of, plan.community_id, own=True, assigned=True, seen_by=CHECKINS_READ, now=work.now
    )
    members = [standing.member_id] if standing.member_id else []
    fellow = bool(await participations(work.session, [plan.id], members))
    return Reader(plan, standing, fellow)


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """A day that the caller reads."""

    entry: PlanEntry
    reader: Reader

    @property
    def mine(self) -> bool:
        """Whether the caller handed it in."""
        return self.reader.standing.member_id == self.entry.member_id


async def seen_entry(work: Work, key: UUID, *, of: Permission = CHECKINS_READ) -> SeenEntry:
    """A day that the caller may read: their own, one of a plan in which they take part, or any for who reviews or runs the community."""
    entry = await existing(work.session, PlanEntry, key)
    plan = await work.session.get_one(CheckinPlan, entry.plan_id)
    seen = SeenEntry(entry, await reader_of(work, plan, of=of))
    shown = seen.mine or (seen.reader.reads_others and (seen.reader.reads_everything or entry.handed_in.counts))
    if not shown:
        raise NOT_FOUND()
    return seen


async def locked(work: Work, entry: PlanEntry) -> PlanParticipant:
    """Lock who handed a day in, and then the day; reads both anew."""
    taking_part = (
        select(PlanParticipant)
        .where(col(PlanParticipant.plan_id) == entry.plan_id, col(PlanParticipant.member_id) == entry.member_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row: PlanParticipant = (await work.session.execute(taking_part)).scalar_one()
    await work.session.refresh(entry, with_for_update=True)
    return row


def refusal(action: str, seen: SeenEntry, work: Work) -> ProblemType | None:
    """Why the caller cannot do this with a day now; None where they can, or its community is archived."""
    standing, reader = seen.reader.standing, seen.reader
    if action == "review":
        if not reader.reviews:
            return FORBIDDEN
        return CONFLICT_OF_INTEREST if seen.mine else None
    if action == "hand_in":
        if not seen.mine or not CHECKINS_CREATE.reach(standing.columns):
            return FORBIDDEN
        until = seen.entry.open_until
        # Nothing counts for a plan that was cancelled, nor for one that they have left.
        over = reader.plan.cancelled_at is not None or not reader.fellow
        return problems.NOT_OPEN if over or until is None or until <= work.now else None
    reach = CHECKIN_PLANS_COMMENT.reach(standing.columns)
    if Reach.ALL in reach or (Reach.OWN in reach and reader.fellow):
        return None
    return FORBIDDEN
