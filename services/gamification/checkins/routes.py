"""HTTP of check-ins."""

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.security.caller import Caller
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Transaction
from chassis.web.etags import created
from chassis.web.idempotency import KEPT_LONG
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.spans import SpanQuery
from chassis.web.values import Month
from services.gamification.checkins import service
from services.gamification.checkins.occasions import PlanAnswer
from services.gamification.checkins.plan_refusals import refusal_text
from services.gamification.checkins.queries import checkins_public, streak_public
from services.gamification.checkins.rules import DayState, next_milestone
from services.gamification.checkins.schemas import (
    AwardPublic,
    CalendarDay,
    CalendarPublic,
    CheckedInPublic,
    CheckinCreate,
    CheckinForPlan,
    CheckinPublic,
    MakeUpCreate,
    RefusedPublic,
)
from services.gamification.earning.refusal_texts import text_of
from services.gamification.earning.schemas import AmountPublic
from services.gamification.earning.titles import titles_in
from services.gamification.ledger.holds import POINTS_SHORT
from services.gamification.permissions import CHECKINS_CREATE, CHECKINS_READ

router = api_router(tags=["Check-ins"])


@router.post("/v1/checkins", status_code=201)
@operation(permission=CHECKINS_CREATE, existing="The existing check-in of this day.", remembered=KEPT_LONG)
async def create_checkin(
    body: CheckinCreate, caller: CallerDep, session: Transaction, now: Now, response: Response, locale: Localised
) -> CheckedInPublic:
    """Check in for today.

    The day is taken from the caller's own time zone, or else the community's, and never changes afterwards. A second check-in
    on the same day is answered with 200 and the existing check-in. The day counts for each plan that it names and whose evidence it
    has; of the others the answer says why it does not. A second one that names plans counts for them with its own evidence.
    """
    done = await service.check_in(
        session, caller=caller, community_id=body.community_id, note=body.note, now=now, plans=_plans(body)
    )
    return await _answer(session, done, response, locale, caller)


@router.post("/v1/checkins/make-ups", status_code=201)
@operation(
    permission=CHECKINS_CREATE,
    problems=[service.DAY_NOT_MISSED, POINTS_SHORT],
    existing="The existing check-in of this day.",
    remembered=KEPT_LONG,
)
async def make_up_checkin(
    body: MakeUpCreate, caller: CallerDep, session: Transaction, now: Now, response: Response, locale: Localised
) -> CheckedInPublic:
    """Make up a day that you missed in the last three days, for 20 points.

    The day earns and extends the streak like a check-in on that day. A freeze that covered the day is returned.
    """
    done = await service.make_up(
        session,
        caller=caller,
        community_id=body.community_id,
        day=body.day,
        note=body.note,
        now=now,
        plans=_plans(body),
    )
    return await _answer(session, done, response, locale, caller)


@router.get("/v1/checkins")
@operation(permission=CHECKINS_READ)
async def list_checkins(
    caller: CallerDep,
    session: Reading,
    now: Now,
    page: PageQuery,
    span: SpanQuery,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own; without a community, in all of theirs.")] = False,
) -> Page[CheckinPublic]:
    """List the check-ins of a community, of a member, or the caller's own, the latest first.

    Members see their own; operators and owners see everyone's. Days of `from` and `to` are the community's; without one, UTC's.
    """
    listing = await service.listing(session, caller, community_id, member_id, mine=mine, span=span, now=now)

    return await paginate_together(session, listing, page=page, to=lambda rows: checkins_public(session, rows, caller))


@router.get("/v1/checkins/calendar")
@operation(permission=CHECKINS_READ)
async def read_checkin_calendar(
    member_id: UUID,
    caller: CallerDep,
    session: Reading,
    now: Now,
    month: Annotated[Month | None, Query(description="`YYYY-MM`; by default the current month.")] = None,
) -> CalendarPublic:
    """Read a month of a member's check-ins, day by day."""
    found = await service.read_month(session, caller=caller, member_id=member_id, month=month, now=now)
    streak = streak_public(found.state, found.today, found.calendar)
    return CalendarPublic(
        member=(await embedded(session, [member_id]))[member_id],
        month=found.days[0].strftime("%Y-%m"),
        time_zone=found.today.time_zone,
        today=found.today.day,
        streak=streak,
        next_milestone=next_milestone(streak.current),
        days=[_calendar_day(found, day) for day in found.days],
    )


@router.get("/v1/checkins/{checkin_id}")
@operation(permission=CHECKINS_READ)
async def read_checkin(checkin_id: UUID, caller: CallerDep, session: Reading, now: Now) -> CheckinPublic:
    """Read a check-in."""
    checkin = await service.read_checkin(session, caller=caller, checkin_id=checkin_id, now=now)
    return (await checkins_public(session, [checkin], caller))[0]


def _plans(body: CheckinCreate | MakeUpCreate) -> service.ForPlans:
    return service.ForPlans(plan_ids=list(dict.fromkeys(body.plan_ids)), link=body.link, receipts=body.files)


def _for_plan(answer: PlanAnswer, locale: Locale) -> CheckinForPlan:
    return CheckinForPlan(
        plan_id=answer.plan_id,
        counts=answer.refused is None,
        code=answer.refused,
        text=refusal_text(answer.refused, locale) if answer.refused else None,
        entry_id=answer.entry_id,
        days_done=answer.days_done,
        days_needed=answer.days_needed,
        completed=answer.completed,
    )


def _calendar_day(month: service.Month, day: date) -> CalendarDay:
    checkin = month.checkins.get(day) if month.states[day] is DayState.CHECKED_IN else None
    return CalendarDay(
        day=day,
        state=month.states[day],
        checkin_id=checkin.id if checkin else None,
        origin=checkin.origin if checkin else None,
        streak=checkin.length if checkin else None,
        can_make_up=day in month.can_make_up,
        provisional=day in month.provisional,
    )


async def _answer(
    session: AsyncSession, done: service.CheckedIn, response: Response, locale: Locale, caller: Caller
) -> CheckedInPublic:
    response.status_code = 201 if done.new else 200
    created(response, f"/v1/checkins/{done.checkin.id}")
    community_id = done.checkin.community_id
    titles = await titles_in(session, [community_id])
    streak = streak_public(done.state, done.today, done.calendar)
    return CheckedInPublic(
        checkin=(await checkins_public(session, [done.checkin], caller))[0],
        streak=streak,
        awarded=[
            AwardPublic(**asdict(paid), rule_title=titles.of(community_id, paid.rule, locale)) for paid in done.paid
        ],
        refused=[
            RefusedPublic(
                **asdict(one),
                rule_title=titles.of(community_id, one.rule, locale),
                text=text_of(one.code, locale) or one.code,
            )
            for one in done.refused
        ],
        next_milestone=next_milestone(streak.current),
        wallet=AmountPublic(
            points=done.wallet.points - done.wallet.held if done.wallet else 0, xp=done.wallet.xp if done.wallet else 0
        ),
        plans=[_for_plan(answer, locale) for answer in done.plans],
    )
