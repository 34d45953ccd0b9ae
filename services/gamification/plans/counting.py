"""Counting check-ins for the plans that they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.days import local_day, zone_of
from chassis.projections.workdays import work_calendar
from chassis.receipts import Receipt
from chassis.work_calendar import WorkCalendar
from services.gamification.base import texts
from services.gamification.checkins.models import Checkin
from services.gamification.checkins.occasions import DayOffered, PlanAnswer
from services.gamification.plans.completing import asks_for, settle
from services.gamification.plans.evidence_files import KIND, as_kept, keep_files, refuse_used
from services.gamification.plans.evidence_rules import missing_evidence
from services.gamification.plans.models import CheckinPlan, PlanEntry, PlanParticipant
from services.gamification.plans.progress_rules import MOST_MADE_UP

_PLANS: Prepared[Any] = Prepared(
    lambda on: select(CheckinPlan).where(
        on.among(col(CheckinPlan.id), "ids"), col(CheckinPlan.community_id) == bindparam("community_id")
    )
)
_TAKING_PART: Prepared[Any] = Prepared(
    lambda on: (
        select(PlanParticipant)
        .where(
            on.among(col(PlanParticipant.plan_id), "ids"),
            col(PlanParticipant.member_id) == bindparam("member_id"),
            col(PlanParticipant.left_at).is_(None),
        )
        .order_by(col(PlanParticipant.plan_id))
        .with_for_update()
    )
)
_OF_DAY: Prepared[Any] = Prepared(
    lambda on: select(PlanEntry).where(
        on.among(col(PlanEntry.plan_id), "ids"),
        col(PlanEntry.member_id) == bindparam("member_id"),
        col(PlanEntry.day) == bindparam("day"),
    )
)


ENTRY: Final = KIND
"""What moderation calls a note that was written for a plan."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a day is handed in with. `text_id`: by which moderation knows the note, where it does already."""

    note: str | None
    link: str | None
    text_id: UUID | None = None
    files: Sequence[Receipt] = ()


async def count_for_plans(session: AsyncSession, offered: DayOffered) -> Sequence[PlanAnswer]:
    """Count a check-in for each plan whose evidence it has; say of the others why it does not. Raises `INVALID` for files of another day.

    A day counts once for a plan. One that was returned is handed in again, with the evidence that is given now.
    """
    checkin, now = offered.checkin, offered.now
    of_member: dict[str, Any] = {"ids": list(offered.plan_ids), "member_id": checkin.member_id}
    mine = {one.plan_id: one for one in await _TAKING_PART.load(session, again=True, **of_member)}
    plans = {one.id: one for one in await _PLANS.all(session, ids=of_member["ids"], community_id=checkin.community_id)}
    there = {one.plan_id: one for one in await _OF_DAY.load(session, again=True, **of_member, day=checkin.day)}
    calendar = await work_calendar(session)
    evidence = Evidence(offered.note, offered.link, offered.text_id, offered.files)
    await refuse_used(session, offered.files, checkin.id)
    refused: dict[UUID, str | None] = {}
    taken: list[PlanEntry] = []
    for plan_id in offered.plan_ids:
        plan, row, entry = plans.get(plan_id), mine.get(plan_id), there.get(plan_id)
        if plan is None or row is None:
            refused[plan_id] = "not_taking_part"
        elif entry is not None and entry.handed_in.counts:
            refused[plan_id] = None
        else:
            refused[plan_id] = _why_not(plan, row, entry, checkin, evidence, calendar, now)
            if refused[plan_id] is None:
                there[plan_id] = _hand_in(session, plan, entry, checkin, evidence, now)
                taken.append(there[plan_id])
    for entry in taken:
        await have_looked_at(session, entry, now)
        await keep_files(session, entry, offered.person_id, now)
    settled = await settle(
        session,
        [(plans[one], mine[one]) for one in sorted(mine) if one in plans and refused[one] is None],
        calendar,
        now,
    )
    return [
        PlanAnswer(one, code)
        if code is not None
        else PlanAnswer(
            one,
            entry_id=there[one].id,
            days_done=settled[one].progress.done,
            days_needed=settled[one].needed,
            completed=settled[one].source_id is not None,
            source_id=settled[one].source_id,
        )
        for one, code in refused.items()
    ]


async def have_looked_at(session: AsyncSession, entry: PlanEntry, now: datetime) -> None:
    """Others read a note that was written for a plan once moderation has looked at it."""
    if entry.note and entry.text_id == entry.id:
        await texts.written(
            session,
            community_id=entry.community_id,
            kind=ENTRY,
            object_id=entry.id,
            author_id=entry.member_id,
            text={"note": entry.note},
            now=now,
        )


def hand_in_again(entry: PlanEntry, evidence: Evidence, now: datetime) -> None:
    """Give a day that was returned, and is locked with its participant, its new evidence."""
    entry.note, entry.link, entry.files = evidence.note, evidence.link, as_kept(evidence.files)
    entry.text_id = (evidence.text_id or entry.id) if evidence.note else None
    entry.status, entry.removed, entry.open_until, entry.submitted_at = "done", False, None, now
    entry.reviewed_at = entry.reviewer_id = entry.reason = None
    entry.version += 1


def _hand_in(
    session: AsyncSession,
    plan: CheckinPlan,
    entry: PlanEntry | None,
    checkin: Checkin,
    evidence: Evidence,
    now: datetime,
) -> PlanEntry:
    if entry is not None:
        hand_in_again(entry, evidence, now)
        return entry
    made = PlanEntry(
        community_id=plan.community_id,
        plan_id=plan.id,
        member_id=checkin.member_id,
        checkin_id=checkin.id,
        day=checkin.day,
        time_zone=checkin.time_zone,
        origin=checkin.origin,
        note=evidence.note,
        link=evidence.link,
        files=as_kept(evidence.files),
        status="done",
        submitted_at=now,
    )
    made.text_id = (evidence.text_id or made.id) if evidence.note else None
    session.add(made)
    return made


def _why_not(
    plan: CheckinPlan,
    row: PlanParticipant,
    entry: PlanEntry | None,
    checkin: Checkin,
    evidence: Evidence,
    calendar: WorkCalendar,
    now: datetime,
) -> str | None:
    if plan.cancelled_at is not None:
        return "plan_over"
    if not asks_for(plan, checkin.day, calendar):
        return "not_a_day_of_it"
    if entry is not None and (entry.open_until is None or entry.open_until <= now):
        return "no_longer_open"
    if checkin.day < _joined_on(row, checkin):
        return "before_joining"
    if entry is None and checkin.origin == "made_up" and row.days_made_up >= MOST_MADE_UP:
        return "too_many_made_up"
    return missing_evidence(
        plan.requires, plan.min_length, note=evidence.note, link=evidence.link, files=evidence.files
    )


def _joined_on(row: PlanParticipant, checkin: Checkin) -> date:
    """On which day somebody joined, by the clock of the check-in."""
    starts_at = checkin.began_at.astimezone(zone_of(checkin.time_zone)).time()
    return local_day(row.joined_at, time_zone=checkin.time_zone, day_starts_at=starts_at)
