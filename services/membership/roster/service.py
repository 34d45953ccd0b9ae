"""Use cases of the roster."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from chassis.web.schemas import RequestModel, Viewer
from services.membership.cohorts.service import cohort_of
from services.membership.people.models import Person
from services.membership.permissions import (
    COMMUNITIES_UPDATE,
    LEADERBOARDS_OPT_OUT,
    MEMBERS_LEAVE,
    MEMBERS_MUTE,
    MEMBERS_READ,
    MEMBERS_REMOVE,
)
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.roster import describing, joining
from services.membership.roster.joining import lock_member
from services.membership.roster.models import Member
from services.membership.roster.muting import muting, unmuting
from services.membership.roster.owners import other_owners, others_of, owners_in
from services.membership.roster.queries import last_mutes, member_and_person
from services.membership.roster.rules import ENDED, Muted, ending_refusal, reads_statuses, removal_refusal
from services.membership.roster.schemas import MemberPatch


async def read_member(
    session: AsyncSession, *, caller: Caller, member_id: UUID, now: datetime
) -> tuple[Member, Person, Viewer, bool]:
    """A member with what the caller can do to them, and whether the caller reads their status as it is."""
    member, person = await member_and_person(session, member_id)
    mine = _is_self(caller, member)
    standing = await authorize(session, caller, MEMBERS_READ, member.community_id, own=mine, now=now)
    viewer = (await viewers_of(session, caller, standing, [member], now))[member.id]
    return member, person, viewer, mine or reads_statuses(standing.columns)


async def change_own(
    session: AsyncSession, *, caller: Caller, member_id: UUID, body: MemberPatch, if_match: int, now: datetime
) -> tuple[Member, Person]:
    """Apply a merge patch of what members decide about themselves."""
    member, person = await lock_member(session, member_id)
    mine = _is_self(caller, member)
    await authorize(session, caller, LEADERBOARDS_OPT_OUT, member.community_id, own=mine, now=now)
    require_match(member.version, if_match)
    if "on_boards" in body.model_fields_set:
        await joining.set_on_boards(session, member=member, person=person, on_boards=body.on_boards, now=now)
    await describing.describe(session, member, body.model_dump(include=set(describing.FIELDS), exclude_unset=True), now)
    return member, person


async def leave(session: AsyncSession, *, caller: Caller, member_id: UUID, now: datetime) -> tuple[Member, Person]:
    """End the caller's own membership. Raises `LAST_OWNER`."""
    member, person = await lock_member(session, member_id)
    await authorize(session, caller, MEMBERS_LEAVE, member.community_id, own=_is_self(caller, member), now=now)
    await _check_ending(session, member, now)
    await joining.end_membership(session, member=member, person=person, status="left", now=now)
    return member, person


async def remove(
    session: AsyncSession, *, caller: Caller, member_id: UUID, reason: str, now: datetime
) -> tuple[Member, Person]:
    """End somebody else's membership. Raises `FORBIDDEN` for owners and operators where an operator asks, `LAST_OWNER`."""
    member, person = await lock_member(session, member_id)
    standing = await authorize(session, caller, MEMBERS_REMOVE, member.community_id, now=now)
    code = removal_refusal(
        remover_roles=_roles_of(standing),
        target_roles=member.roles_at(now),
        is_himself=_is_self(caller, member),
    )
    if code is not None:
        raise refused(code)
    await _check_ending(session, member, now)
    before = member.status_at(now)
    await joining.end_membership(session, member=member, person=person, status="left", now=now)
    await audit(session, caller, member, "remove", {"status": [before, "left"], "reason": [None, reason]}, now)
    return member, person


async def set_cohort(
    session: AsyncSession, *, caller: Caller, member_id: UUID, cohort_id: UUID | None, now: datetime
) -> tuple[Member, Person]:
    """Move a member to a cohort of the community, or out of one."""
    member, person = await lock_member(session, member_id)
    await authorize(session, caller, COMMUNITIES_UPDATE, member.community_id, now=now)
    if not joining.still_a_member(member):
        raise refused("illegal_transition", state=member.status_at(now))
    await cohort_of(session, community_id=member.community_id, cohort_id=cohort_id)
    before = member.cohort_id
    if await joining.set_cohort(session, member=member, person=person, cohort_id=cohort_id, now=now):
        await audit(session, caller, member, "set_cohort", {"cohort_id": [before, cohort_id]}, now)
    return member, person


async def require_members(
    session: AsyncSession, community_id: UUID, body: RequestModel, fields: Sequence[str], *, below: str = ""
) -> None:
    """Refuse a body whose fields name, by id, anybody who is no member of the community, or none any more. Raises `UNKNOWN_MEMBER`.

    `below` is where the fields stand in the request.
    Their memberships do not end before the transaction does. What these members do is locked later, as where a membership ends.
    """
    named = [(field, one) for field in fields for one in _ids(getattr(body, field))]
    present = await session.execute(
        select(col(Member.id))
        .where(col(Member.id).in_({one for _, one in named}), col(Member.community_id) == community_id)
        .where(col(Member.status).not_in(ENDED))
        .order_by(col(Member.id))
        .with_for_update(read=True)
    )
    known = set(present.scalars())
    errors = [
        FieldError(f"{below}/{field}", "unknown_member", f"No member: {one}", f"不是成员：{one}。")
        for field, one in named
        if one not in known
    ]
    if errors:
        raise UNKNOWN_MEMBER(errors=errors)


def _ids(value: UUID | Iterable[UUID] | None) -> Iterable[UUID]:
    return [value] if isinstance(value, UUID) else value or ()


async def _check_ending(session: AsyncSession, member: Member, now: datetime) -> None:
    left = 0
    if "owner" in member.roles_at(now):
        left = await other_owners(session, community_id=member.community_id, member_id=member.id, now=now, lock=True)
    code = _ending(member, left, now)
    if code is not None:
        raise refused(code, state=member.status_at(now))


def _ending(member: Member, owners_left: int, now: datetime) -> str | None:
    is_owner = "owner" in member.roles_at(now)
    return ending_refusal(status=member.status_at(now), is_owner=is_owner, owners_left=owners_left)


async def viewers_of(
    session: AsyncSession, caller: Caller, standing: Standing, members: Sequence[Member], now: datetime
) -> dict[UUID, Viewer]:
    """What the caller can do with each of these members of one community: the same with all who are alike to them."""
    owners: Sequence[UUID] = ()
    removes = MEMBERS_REMOVE.reach(standing.columns)
    # Whether an owner may go is asked about those who could be made to.
    if any("owner" in member.roles_at(now) and (removes or _is_self(caller, member)) for member in members):
        owners = (await owners_in(session, [standing.community.id], now))[standing.community.id]
    mutes: Mapping[UUID, Muted] = {}
    if MEMBERS_MUTE.reach(standing.columns):
        mutes = await last_mutes(session, [member.id for member in members])
    kinds: dict[Any, Viewer] = {}
    found = {}
    for member in members:
        roles, muted = member.roles_at(now), mutes.get(member.id)
        # One with a role, or muted lately, is like nobody else; of the others two are alike whose state is the same.
        kind = member.id if roles or muted else (member.status_at(now), _is_self(caller, member))
        if kind not in kinds:
            kinds[kind] = _viewer(caller, standing, member, owners, muted, now)
        found[member.id] = kinds[kind]
    return found


def _viewer(
    caller: Caller,
    standing: Standing,
    member: Member,
    owners: Sequence[UUID],
    last: Muted | None,
    now: datetime,
) -> Viewer:
    mine = _is_self(caller, member)
    if standing.community.status == "archived":
        actions = ("leave", "remove", "mute", "unmute")
        return Viewer.of(dict.fromkeys(actions, "community_archived"))
    ending = _ending(member, others_of(member.id, owners), now)
    leaving = "forbidden" if not mine or not MEMBERS_LEAVE.reach(standing.columns) else ending
    removing = "forbidden"
    if MEMBERS_REMOVE.reach(standing.columns):
        by_whom = removal_refusal(remover_roles=_roles_of(standing), target_roles=member.roles_at(now), is_himself=mine)
        removing = by_whom or ending  # type: ignore[assignment]
    answers = {
        "leave": leaving,
        "remove": removing,
        "mute": muting(caller, standing, member, last.given_at if last else None, now),
        "unmute": unmuting(caller, standing, member, last, now),
    }
    return Viewer.of(answers)


def _is_self(caller: Caller, member: Member) -> bool:
    return caller.kind == "person" and caller.id == member.person_id


def _roles_of(standing: Standing) -> frozenset[str]:
    return standing.member.roles if standing.member else frozenset()
