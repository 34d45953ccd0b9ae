"""Use cases of badges: make, change, award by hand, revoke."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from chassis.audit import AuditObject, audit
from chassis.problems import (
    ALREADY_EXISTS,
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
    INVALID,
    NOT_FOUND,
    FieldError,
    ProblemType,
)
from chassis.projections.members import KnownMember, known_member
from chassis.web.work import Work
from services.gamification.badges.awarding import Given, award, tell_revoked, wanted_of
from services.gamification.badges.checking import check_criteria
from services.gamification.badges.models import Badge, BadgeAward, BadgeVersion
from services.gamification.badges.schemas import BadgeCreate, BadgePatch
from services.gamification.earning.rulebook import lock_rules
from services.gamification.ledger.wallets import lock_wallets

MOST_BADGES = 200
"""Of a community: all are looked through when one of its members does something."""

TOO_MANY_BADGES = ProblemType(
    "too_many_badges", 409, en="The community has as many badges as it can have", zh="社群的徽章数量已达上限"
)

_SAID = ("name_zh", "name_en", "match", "criteria")


async def create_badge(work: Work, body: BadgeCreate) -> Badge:
    """Make a badge. Raises `INVALID` for criteria that nothing could fulfil, `ALREADY_EXISTS`, `TOO_MANY_BADGES`."""
    await work.permit(body.community_id)
    check_criteria(body.criteria)
    await lock_rules(work.session, body.community_id)
    there = select(func.count()).select_from(Badge).where(col(Badge.community_id) == body.community_id)
    if (await work.session.execute(there)).scalar_one() >= MOST_BADGES:
        raise TOO_MANY_BADGES(limit=MOST_BADGES)
    badge = await work.add(Badge(**body.model_dump(), created_at=work.now))
    _keep_version(work, badge)
    await work.session.flush()
    return badge


async def change_badge(work: Work, badge_id: UUID, body: BadgePatch, if_match: int) -> Badge:
    """Make a new version of a badge. Who has it keeps it."""
    badge = await work.permitted(Badge, badge_id, lock=True, if_match=if_match)
    values = body.model_dump(exclude_unset=True)
    if "criteria" in values:
        check_criteria(body.criteria)
    before = badge.version
    await work.edit(badge, values)
    if badge.version != before:
        _keep_version(work, badge)
        await work.session.flush()
    return badge


async def give_badge(work: Work, badge_id: UUID, member_id: UUID, reason: str) -> BadgeAward:
    """Award a badge by hand. Raises `CONFLICT_OF_INTEREST` about the caller, `ALREADY_EXISTS`, `ILLEGAL_TRANSITION` where it is not given at all."""
    badge = await work.permitted(Badge, badge_id)
    member = await _of(work, badge, member_id)
    if member.status not in {"active", "muted"} or not badge.enabled:
        raise ILLEGAL_TRANSITION(state=member.status if badge.enabled else "disabled")
    wallets = await lock_wallets(work.session, {member_id: badge.community_id})
    if await _held(work, badge_id, member_id) is not None:
        raise ALREADY_EXISTS()
    given = [Given(member_id, wanted_of(badge))]
    (award_id,) = await award(
        work.session, given, wallets, cause="by_hand", now=work.now, actor=work.actor, reason=reason
    )
    await _audit(work, badge, member_id, "badges.award", [None, badge.code], reason)
    return await _one(work, award_id)


async def revoke_badge(work: Work, badge_id: UUID, member_id: UUID, reason: str) -> BadgeAward:
    """Take a badge back. It is not awarded by itself again. Raises `CONFLICT_OF_INTEREST` about the caller, `NOT_FOUND` for who does not have it."""
    badge = await work.permitted(Badge, badge_id)
    await _of(work, badge, member_id)
    wallets = await lock_wallets(work.session, {member_id: badge.community_id})
    held = await _held(work, badge_id, member_id)
    if held is None:
        raise NOT_FOUND()
    held.revoked_at, held.revoked_by, held.revoked_because = work.now, work.actor, reason
    await work.session.flush()
    await tell_revoked(work.session, held, badge.code, wallets[member_id], work.now)
    await _audit(work, badge, member_id, "badges.revoke", [badge.code, None], reason)
    return held


async def _of(work: Work, badge: Badge, member_id: UUID) -> KnownMember:
    """The member of the badge's community, who is not the caller."""
    member = await known_member(work.session, member_id)
    if member is None or member.community_id != badge.community_id:
        raise INVALID(errors=[FieldError("/member_id", "unknown", "No member of this community.", "不是本社群成员。")])
    if work.caller is not None and member.person_id == work.caller.id:
        raise CONFLICT_OF_INTEREST()
    return member


async def _held(work: Work, badge_id: UUID, member_id: UUID) -> BadgeAward | None:
    held = select(BadgeAward).where(
        col(BadgeAward.badge_id) == badge_id,
        col(BadgeAward.member_id) == member_id,
        col(BadgeAward.revoked_at).is_(None),
    )
    found: BadgeAward | None = (await work.session.execute(held)).scalar_one_or_none()
    return found


async def _one(work: Work, award_id: UUID) -> BadgeAward:
    found: BadgeAward = (
        await work.session.execute(select(BadgeAward).where(col(BadgeAward.id) == award_id))
    ).scalar_one()
    return found


async def _audit(work: Work, badge: Badge, member_id: UUID, action: str, codes: Sequence[Any], reason: str) -> None:
    about = AuditObject("member", member_id, badge.community_id)
    await audit(work.session, work.caller, about, action, {"badge": codes, "reason": [None, reason]}, work.now)


def _keep_version(work: Work, badge: Badge) -> None:
    said = {name: getattr(badge, name) for name in _SAID}
    work.session.add(
        BadgeVersion(badge_id=badge.id, version=badge.version, made_at=work.now, made_by=work.actor, **said)
    )
