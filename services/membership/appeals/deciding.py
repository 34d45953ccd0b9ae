"""Deciding an appeal: everything is taken back, or the difference alone, or nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.audit import Changes, audit
from chassis.database.rows import existing
from chassis.problems import INVALID, FieldError, refused
from chassis.security.authority import authorize
from chassis.timers import cancel
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.conduct import AppealDenied, AppealGranted, AppealReduced, AppealState
from services.membership.appeals.access import AppealSeen, deciding, found, has_others
from services.membership.appeals.models import Appeal
from services.membership.appeals.occasions import AppealMoved, appeal_moved
from services.membership.appeals.pausing import UNDECIDED, resume, unpaused
from services.membership.appeals.problems import NO_REVIEWER, OTHERS_MAY_DECIDE
from services.membership.appeals.rules import Stands, wrong_with
from services.membership.appeals.schemas import AppealDecide
from services.membership.appeals.telling import tell_appeal
from services.membership.penalties.lifting import lift
from services.membership.penalties.service import Locked, Terms, lock_penalty, revise
from services.membership.people.models import Person
from services.membership.permissions import APPEALS_APPOINT
from services.membership.roster.joining import find_member, lock_member
from services.membership.roster.models import ShortMute
from services.membership.roster.sanctions import settle

_TELLS: Final[dict[str, type[AppealState]]] = {
    "granted": AppealGranted,
    "reduced": AppealReduced,
    "denied": AppealDenied,
}
_WRONG: Final[dict[str, tuple[str, str]]] = {
    "not_less": ("That is more than what stands.", "不能重于当前的处罚。"),
    "not_for_this": ("What has no end by the clock needs none.", "该处理没有期限，无需结束时间。"),
    "missing": ("Say when it ends.", "请给出结束时间。"),
    "nothing_less": ("Nothing is less than what stands.", "与当前的处罚相比没有任何减轻。"),
    "not_reducible": ("A short mute or a removal is taken back or stays.", "短期禁言或内容移除只能撤销或维持。"),
    "only_reduced": ("Only a reduction says what is to stand.", "仅在减轻处罚时才填写该项。"),
}
_TERMS: Final = ("fine", "sanction", "until")


async def decide(work: Work, appeal_id: UUID, body: AppealDecide, if_match: int) -> AppealSeen:
    """Decide an appeal. Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, `INVALID` for what is no reduction."""
    seen = await found(work, appeal_id, lock=True)
    appeal = seen.appeal
    if (code := deciding(work, seen)) in ("forbidden", "conflict_of_interest"):
        raise refused(code)
    require_match(appeal.version, if_match)
    if code is not None:
        raise refused(code, state=seen.state)
    if body.outcome != "reduced":
        _refuse([(field, "only_reduced") for field in _TERMS if getattr(body, field) is not None])
    if appeal.object_kind == "penalty":
        await _of_penalty(work, appeal, body)
    elif body.outcome == "reduced":
        _refuse([("outcome", "not_reducible")])
    elif appeal.object_kind == "short_mute":
        await _of_mute(work, appeal, body)
    appeal.status, appeal.reason = body.outcome, body.reason
    appeal.decided_at, appeal.decided_by = work.now, work.actor
    appeal.version += 1
    await work.session.flush()
    await cancel(work.session, UNDECIDED, appeal.id)
    await tell_appeal(work.session, _TELLS[body.outcome], appeal, work.now)
    changes: Changes = {"status": ["open", body.outcome], "reason": [None, body.reason]}
    await audit(work.session, work.caller, appeal, "decide", changes, work.now)
    return await found(work, appeal_id)


async def _of_penalty(work: Work, appeal: Appeal, body: AppealDecide) -> None:
    session, now = work.session, work.now
    locked = await lock_penalty(session, appeal.object_id)
    before = locked.penalty.revision
    if body.outcome == "granted":
        await lift(session, locked, now=now)
    elif body.outcome == "reduced":
        await revise(session, locked, _lessened(appeal, locked, body, now), cause="lessened", now=now)
    else:
        await resume(session, appeal, locked, now)
    if locked.penalty.revision > before:
        appeal.revision = locked.penalty.revision


def _lessened(appeal: Appeal, locked: Locked, body: AppealDecide, now: datetime) -> Terms:
    stands = unpaused(appeal, locked.penalty, now)
    wanted = stands
    if body.fine is not None:
        wanted = replace(wanted, fine=body.fine)
    if body.sanction is not None:
        wanted = replace(wanted, sanction=None if body.sanction == "none" else body.sanction)
    if wanted.sanction is None:
        wanted = replace(wanted, until=None)
    if body.until is not None:
        wanted = replace(wanted, until=body.until)
    before, after = (Stands(one.fine, one.sanction, one.since, one.until) for one in (stands, wanted))
    _refuse([(one.field, one.code) for one in wrong_with(before, after)])
    return wanted


async def _of_mute(work: Work, appeal: Appeal, body: AppealDecide) -> None:
    if body.outcome != "granted":
        return
    member, person = await lock_member(work.session, appeal.member_id)
    mute = await existing(work.session, ShortMute, appeal.object_id, lock=True)
    if mute.ended_at is None and mute.until > work.now:
        mute.ended_at, mute.ended_by = work.now, work.actor
        await work.session.flush()
        await settle(work.session, member, person, now=work.now)


def _refuse(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        errors = []
        for field, code in wrong:
            en, zh = _WRONG[code]
            errors.append(FieldError(f"/{field}" if field else "#", code, en, zh))
        raise INVALID(errors=errors)


async def appoint(work: Work, appeal_id: UUID, person_id: UUID, if_match: int) -> AppealSeen:
    """Have somebody decide who is no member, where nobody who runs the community may. Raises `OTHERS_MAY_DECIDE`, `NO_REVIEWER`."""
    appeal = await existing(work.session, Appeal, appeal_id)
    await authorize(work.session, work.caller, work.permission or APPEALS_APPOINT, appeal.community_id, now=work.now)
    seen = await found(work, appeal_id, lock=True)
    appeal = seen.appeal
    if work.actor in seen.thing.took_part or seen.is_appellant:
        raise refused("conflict_of_interest")
    require_match(appeal.version, if_match)
    if seen.state != "open":
        raise refused("illegal_transition", state=seen.state)
    if await has_others(work.session, seen, work.now):
        raise OTHERS_MAY_DECIDE()
    person: Any = await work.session.get(Person, person_id)
    if person is None or person.status != "active" or f"person:{person_id}" in seen.thing.took_part:
        raise NO_REVIEWER(errors=[FieldError("/person_id", "no_reviewer", NO_REVIEWER.en, NO_REVIEWER.zh)])
    member = await find_member(work.session, community_id=appeal.community_id, person_id=person_id)
    if member is not None:
        raise NO_REVIEWER(errors=[FieldError("/person_id", "no_reviewer", NO_REVIEWER.en, NO_REVIEWER.zh)])
    changes: Changes = {"reviewer_id": [appeal.reviewer_id, person_id]}
    appeal.reviewer_id, appeal.appointed_at = person_id, work.now
    appeal.version += 1
    await work.session.flush()
    await appeal_moved.happened(
        work.session, AppealMoved(appeal.id, appeal.community_id, "appoint", person_id, work.now)
    )
    await audit(work.session, work.caller, appeal, "appoint", changes, work.now)
    return seen
