"""How cases come about: what members report, and what content tells of its own. The member is locked first, then the case.

Whoever reports is locked, too, since their reports of a day are counted: of the two members the smaller id first.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import SYSTEM_ACTOR, moment_of
from chassis.database.rows import existing
from chassis.messaging.handlers import Received
from chassis.messaging.outbox import emit
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import authorize
from chassis.timers import Late, Timer, Timers, schedule
from chassis.web.work import Work
from contracts.conduct import CaseDismissed, CaseOpened, CaseState, RuleBroken
from contracts.content import ContentFlagged, ContentReported
from contracts.fields import ObjectReference
from services.membership.cases import problems, queries
from services.membership.cases.models import Case, ConductReport
from services.membership.cases.rules import (
    A_FINDING,
    A_REPORT,
    TOO_OLD,
    UNDECIDED,
    category_of,
    first_of,
    may_reopen,
    too_old,
    weight_of,
)
from services.membership.cases.schemas import ConductReportCreate
from services.membership.permissions import CONDUCT_REPORTS_CREATE
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.roster.joining import lock_member
from services.membership.roster.models import Member

A_DAY: int = 20
"""How many reports somebody makes within 24 hours at most."""
AGED = "case.aged"
"""The timer of when the deed is too old for a case."""
_NOBODY = FieldError("/member_id", "unknown_member", "No member of the community.", "不是该社群的成员。")
_NOT_YET = FieldError("/happened_at", "out_of_bounds", "It has not happened yet.", "行为发生时间晚于现在。")

timers = Timers()


async def report(work: Work, body: ConductReportCreate) -> tuple[ConductReport, bool]:
    """Report what a member did. Said again, the caller's report stands; said otherwise, it is refused: nothing is lost unsaid. Returns whether it is new.

    Whoever says that it was later than is known is believed: else the first report, with a time long ago, would keep all others from being heard.
    Raises `CONFLICT_OF_INTEREST` about the reporter, `UNKNOWN_MEMBER`, `DEED_TOO_OLD`, `ALREADY_REPORTED`, `CASE_DECIDED`, `REPORTS_USED_UP`.
    """
    session, now = work.session, work.now
    standing = await authorize(session, work.caller, CONDUCT_REPORTS_CREATE, body.community_id, own=True, now=now)
    if standing.member_id is None:
        raise NOT_FOUND()
    reporter_id = standing.member_id
    deed_at = await _check(work, body, reporter_id)
    both = sorted((reporter_id, body.member_id))
    locked = {member_id: (await lock_member(session, member_id))[0] for member_id in both}
    member = locked[body.member_id]
    thing = (body.object.kind, body.object.id) if body.object is not None else None
    case = await queries.case_of(session, body.community_id, member.id, thing)
    known = await queries.report_of(session, case.id, reporter_id) if case is not None else None
    told_later = case is not None and body.happened_at is not None and deed_at > case.deed_at
    if known is not None and case is not None and case.status in UNDECIDED:
        if told_later or (body.category, body.words) != (known.category, known.words):
            raise problems.ALREADY_REPORTED(report_id=str(known.id))
        return known, False
    if case is not None and case.status not in UNDECIDED:
        # What nobody has decided, and is dismissed since it seemed too old, waits for no evidence.
        aged = known is None and told_later and case.decided_by == SYSTEM_ACTOR
        evidence = aged or may_reopen(new_evidence=body.new_evidence, reported_before=known is not None)
        if case.status == "confirmed" or not evidence:
            raise problems.CASE_DECIDED()
        if too_old(deed_at if told_later else case.deed_at, now):
            raise problems.DEED_TOO_OLD()
    confirmed, dismissed, lately = await queries.outcomes_of(session, reporter_id, now)
    if lately >= A_DAY:
        again_at = await queries.reported_since(session, reporter_id, A_DAY) + queries.MANY
        raise problems.REPORTS_USED_UP(retry_after=max(1, ceil((again_at - now).total_seconds())))
    if case is None:
        case = await _open(session, member, thing, body.category, deed_at, now)
    elif case.status == "dismissed":
        await _reopen(session, case, now)
    if told_later:
        case.deed_at = deed_at
        await schedule(session, AGED, case.id, deed_at + TOO_OLD)
    made = ConductReport(
        case_id=case.id,
        community_id=case.community_id,
        member_id=member.id,
        reporter_id=reporter_id,
        object_kind=case.object_kind,
        object_id=case.object_id,
        category=body.category,
        words=body.words,
        weight=weight_of(confirmed=confirmed, dismissed=dismissed),
        reported_at=now,
    )
    session.add(made)
    case.reports += 1
    case.reports_weight += made.weight
    case.reported_at = now
    case.category = first_of(case.category, body.category)
    await _weigh(session, case, member, now)
    return made, True


async def _check(work: Work, body: ConductReportCreate, reporter_id: UUID) -> datetime:
    """Refuse what is about nobody, about the reporter, not yet or too long ago; returns when it was."""
    deed_at = body.happened_at or work.now
    if deed_at > work.now:
        raise INVALID(errors=[_NOT_YET])
    noted = await work.session.get(Member, body.member_id)
    if noted is None or noted.community_id != body.community_id:
        raise UNKNOWN_MEMBER(errors=[_NOBODY])
    if body.member_id == reporter_id:
        raise CONFLICT_OF_INTEREST()
    if too_old(deed_at, work.now):
        raise problems.DEED_TOO_OLD()
    return deed_at


async def follow_content(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Open a case, or add to it, for each author of what content's members reported and its scanners found.

    Content decides about the text itself. A case that somebody has decided about is not opened again: a count is no evidence.
    """
    now = moment_of(session)
    concerned = sorted({author for one in messages for author in one.data.object.author_ids})
    if not concerned:
        return
    found = await session.execute(
        select(Member).where(among(session, col(Member.id), concerned)).order_by(col(Member.id)).with_for_update()
    )
    members = {member.id: member for member in found.scalars()}
    for message in messages:
        it = message.data
        for author in it.object.author_ids:
            member = members.get(author)
            if member is None or member.community_id != it.community_id or too_old(message.occurred_at, now):
                continue
            thing = (it.object.kind, it.object.id)
            category = category_of(it.rule_category if isinstance(it, ContentFlagged) else it.category)
            case = await queries.case_of(session, it.community_id, member.id, thing)
            if case is None:
                case = await _open(session, member, thing, category, message.occurred_at, now)
            if message.occurred_at < case.deed_at:
                case.deed_at = message.occurred_at
                await schedule(session, AGED, case.id, case.deed_at + TOO_OLD)
            case.category = first_of(case.category, category)
            case.reported_at = max(case.reported_at, message.occurred_at)
            if isinstance(it, ContentReported):
                case.content_reports = max(case.content_reports, it.count)
            else:
                case.found = True
            await _weigh(session, case, member, now)


async def tell_case(session: AsyncSession, kind: type[CaseState], case: Case, now: datetime) -> None:
    """Publish a locked case as it stands: neither who reported it nor what they wrote."""
    rule = None
    if case.rule_code is not None and case.rule_version is not None:
        rule = RuleBroken(code=case.rule_code, version=case.rule_version)
    thing = None
    if case.object_kind is not None and case.object_id is not None:
        thing = ObjectReference(kind=case.object_kind, id=case.object_id)
    event = kind(community_id=case.community_id, case_id=case.id, object=thing, rule=rule)
    await emit(session, event, version=case.bump(), occurred_at=now)


async def close(session: AsyncSession, case: Case, outcome: str, *, by: str, reason: str | None, now: datetime) -> None:
    """Decide a locked case, and what its reports were worth."""
    case.status, case.decided_at, case.decided_by, case.reason = outcome, now, by, reason
    case.version += 1
    for one in await queries.reports_of(session, case.id):
        one.outcome = outcome
    await session.flush()


@timers.on(AGED, late=Late.ENDING)
async def forget(session: AsyncSession, timer: Timer) -> None:
    """The deed is too old: what reporters wrote is forgotten, and what nobody has decided is dismissed."""
    noted = await existing(session, Case, timer.subject_id)
    await lock_member(session, noted.member_id)
    case = await existing(session, Case, timer.subject_id, lock=True)
    words = update(ConductReport).where(col(ConductReport.case_id) == case.id).values(words=None)
    await session.execute(words)
    if case.status in UNDECIDED:
        await close(session, case, "dismissed", by=SYSTEM_ACTOR, reason=None, now=timer.at)
        await tell_case(session, CaseDismissed, case, timer.at)


async def _open(
    session: AsyncSession,
    member: Member,
    thing: tuple[str, UUID] | None,
    category: str,
    deed_at: datetime,
    now: datetime,
) -> Case:
    case = Case(
        community_id=member.community_id,
        member_id=member.id,
        object_kind=thing[0] if thing else None,
        object_id=thing[1] if thing else None,
        category=category,
        deed_at=deed_at,
        opened_at=now,
        reported_at=deed_at,
    )
    session.add(case)
    await session.flush()
    await tell_case(session, CaseOpened, case, now)
    await schedule(session, AGED, case.id, deed_at + TOO_OLD)
    return case


async def _reopen(session: AsyncSession, case: Case, now: datetime) -> None:
    case.status, case.decided_at, case.decided_by, case.reason = "open", None, None, None
    case.claimed_by_id, case.claimed_at = None, None
    case.version += 1
    await tell_case(session, CaseOpened, case, now)


async def _weigh(session: AsyncSession, case: Case, member: Member, now: datetime) -> None:
    """Where the case stands in the queue, and whether somebody in the community may decide about it."""
    case.weight = case.reports_weight + A_REPORT * case.content_reports + A_FINDING * case.found
    await session.flush()
    runs_it = not {"owner", "operator"}.isdisjoint(member.roles_at(now))
    case.for_reviewer = runs_it or not await queries.others_may_decide(session, case, now)
    await session.flush()
