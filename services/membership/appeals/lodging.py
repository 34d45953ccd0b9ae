"""Lodging an appeal, and the one question that is put to the member."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from chassis.audit import Changes, audit
from chassis.database.rows import existing
from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND, refused
from chassis.security.authority import authorize
from chassis.timers import schedule
from chassis.web.etags import require_match
from chassis.web.work import Work
from chassis.working_time import due_after
from contracts.conduct import AppealLodged
from contracts.kinds import PIECES
from services.membership.appeals.access import AppealSeen, deciding, found
from services.membership.appeals.models import Appeal
from services.membership.appeals.occasions import AppealMoved, appeal_moved
from services.membership.appeals.pausing import UNDECIDED
from services.membership.appeals.problems import ALREADY_ASKED
from services.membership.appeals.removals import last_removal
from services.membership.appeals.rules import DECIDE_WITHIN, TO_APPEAL, lodging_refusal
from services.membership.appeals.schemas import AppealCreate
from services.membership.appeals.telling import tell_appeal
from services.membership.appeals.things import Thing, of_mute, of_penalty, of_removal
from services.membership.communities.models import Community
from services.membership.penalties.service import lock_penalty
from services.membership.permissions import APPEALS_CREATE, PENALTIES_READ
from services.membership.roster.joining import find_member, lock_member
from services.membership.roster.models import Member, ShortMute
from services.membership.work_calendars.queries import as_calendar, imported


async def lodge(work: Work, body: AppealCreate) -> Appeal:
    """Appeal against what was imposed on the caller. Raises `TOO_LATE_TO_APPEAL`, `NOTHING_TO_APPEAL`, `ALREADY_APPEALED`."""
    thing, member = await _thing(work, body)
    own = work.caller is not None and work.caller.kind == "person" and work.caller.id == member.person_id
    wanted = work.permission or APPEALS_CREATE
    # Whoever may not read it does not learn that it is there.
    await authorize(
        work.session, work.caller, wanted, thing.community_id, own=own, seen_by=PENALTIES_READ, now=work.now
    )
    code = lodging_refusal(told_at=thing.told_at, undone=thing.undone, now=work.now)
    if code is not None:
        raise refused(code, until=thing.told_at + TO_APPEAL if code == "too_late_to_appeal" else None)
    appeal = Appeal(
        community_id=thing.community_id,
        member_id=member.id,
        object_kind=thing.kind,
        object_id=thing.id,
        piece_id=body.object.id if thing.kind in PIECES else None,
        words=body.words,
        created_at=work.now,
        due_at=await _due_at(work, thing.community_id),
        revision=None,
    )
    work.session.add(appeal)
    await work.session.flush()
    await tell_appeal(work.session, AppealLodged, appeal, work.now)
    await schedule(work.session, UNDECIDED, appeal.id, appeal.due_at)
    await audit(work.session, work.caller, appeal, "create", {"object": [None, str(thing.id)]}, work.now)
    return appeal


async def _thing(work: Work, body: AppealCreate) -> tuple[Thing, Member]:
    """What is appealed against, locked, and whose it is. Raises `NOT_FOUND`."""
    if body.object.kind == "penalty":
        locked = await lock_penalty(work.session, body.object.id)
        return of_penalty(locked.penalty), locked.member
    if body.object.kind != "short_mute":
        return await _removal(work, body.object.kind, body.object.id)
    mute = await existing(work.session, ShortMute, body.object.id)
    member, _ = await lock_member(work.session, mute.member_id)
    return of_mute(await existing(work.session, ShortMute, body.object.id, lock=True)), member


async def _removal(work: Work, kind: str, piece_id: UUID) -> tuple[Thing, Member]:
    """What was removed, and the one of its authors who asks: nobody else learns who removed it. Raises `NOT_FOUND`."""
    noted = await last_removal(work.session, kind, piece_id)
    own = None
    if work.caller is not None and work.caller.kind == "person":
        own = await find_member(work.session, community_id=noted.community_id, person_id=work.caller.id)
    if own is None or str(own.id) not in noted.author_ids:
        raise NOT_FOUND()
    member, _ = await lock_member(work.session, own.id)
    return of_removal(await last_removal(work.session, kind, piece_id, lock=True), member.id), member


async def _due_at(work: Work, community_id: UUID) -> datetime:
    found_zone = select(Community.time_zone).where(col(Community.id) == community_id)
    zone = (await work.session.exec(found_zone)).one()
    calendar = as_calendar(await imported(work.session))
    return due_after(work.now, DECIDE_WITHIN, time_zone=zone, is_workday=calendar.is_workday)


async def ask(work: Work, appeal_id: UUID, question: str, if_match: int) -> AppealSeen:
    """Put the one question to the member. Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, `ALREADY_ASKED`."""
    seen = await found(work, appeal_id, lock=True)
    appeal = seen.appeal
    if (code := deciding(work, seen)) in ("forbidden", "conflict_of_interest"):
        raise refused(code)
    require_match(appeal.version, if_match)
    if code is not None:
        raise refused(code, state=seen.state)
    if appeal.asked_at is not None:
        raise ALREADY_ASKED()
    appeal.question, appeal.asked_at, appeal.asked_by = question, work.now, work.actor
    return await _moved(work, seen, "ask", {"question": [None, question]}, seen.appellant_id)


async def answer(work: Work, appeal_id: UUID, words: str, if_match: int) -> AppealSeen:
    """Answer the question, once, before the appeal is decided. Raises `ILLEGAL_TRANSITION`."""
    seen = await found(work, appeal_id, lock=True)
    appeal = seen.appeal
    if not seen.is_appellant:
        raise refused("forbidden")
    require_match(appeal.version, if_match)
    if seen.state != "open" or appeal.asked_at is None or appeal.answered_at is not None:
        raise ILLEGAL_TRANSITION(state=seen.state)
    appeal.answer, appeal.answered_at = words, work.now
    asker = UUID((appeal.asked_by or "").partition(":")[2])
    return await _moved(work, seen, "answer", {"answer": [None, words]}, asker)


async def _moved(work: Work, seen: AppealSeen, step: str, changes: Changes, turn: UUID) -> AppealSeen:
    appeal = seen.appeal
    appeal.version += 1
    await work.session.flush()
    await appeal_moved.happened(work.session, AppealMoved(appeal.id, appeal.community_id, step, turn, work.now))
    await audit(work.session, work.caller, appeal, step, changes, work.now)
    return seen
