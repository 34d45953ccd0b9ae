"""Use cases of groups: forming, changing and dissolving them, joining and leaving."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import emit_many
from chassis.problems import FORBIDDEN, INVALID, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.belonging import GroupDissolved, GroupFormed
from services.membership.cohorts.service import cohort_of
from services.membership.groups import naming, problems, queries
from services.membership.groups.access import SeenGroup, changed_group, runs_it, seen_group
from services.membership.groups.belonging import group_state, lead, let_in, let_out, told_of_group, told_of_update
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import joining_refusal
from services.membership.groups.schemas import GroupCreate, GroupPatch
from services.membership.permissions import GROUPS_ARRANGE, GROUPS_JOIN, GROUPS_LEAVE, GROUPS_WRITE
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.roster.models import Member

QUERY, BODY = "#/query/member_id", "/member_ids"
"""Where members are named: a service says for whom it speaks, others whom they put in or take out."""


async def form(work: Work, body: GroupCreate) -> SeenGroup:
    """Form a group with its leader. Raises `FORBIDDEN` where somebody else is named by who does not run the community, `UNKNOWN_MEMBER`, `TOO_MANY_GROUPS`."""
    session = work.session
    standing = await authorize(session, work.caller, GROUPS_WRITE, body.community_id, now=work.now)
    leader_id = _leader(standing, body)
    await cohort_of(session, community_id=body.community_id, cohort_id=body.cohort_id)
    values = body.model_dump(exclude={"leader_id"})
    group = Group(**values, ends_empty=not runs_it(standing), leaderless_since=work.now, created_at=work.now)
    if leader_id is not None:
        members = await _locked(work, body.community_id, [leader_id], "/leader_id")
        await _refuse_joining(work, group, members.values(), checks_cohort=False)
        lead(group, leader_id, work.now)
    session.add(group)
    await session.flush()
    await emit_many(session, [told_of_group(GroupFormed, group, work.now)])
    if leader_id is not None:
        await let_in(session, group, [leader_id], work.now)
    await naming.written(work, group, _author(work, standing))
    made = {name: [None, value] for name, value in values.items() if value is not None}
    await audit(session, work.caller, group, "create", made | {"leader_id": [None, leader_id]}, work.now)
    return SeenGroup(group, standing)


async def change(work: Work, key: UUID, body: GroupPatch, if_match: int) -> SeenGroup:
    """Rename a group, say what it is for, how many it holds or who leads it."""
    seen = await changed_group(work, key)
    group = seen.group
    require_match(group.version, if_match)
    values = body.model_dump(exclude_unset=True)
    if values.get("capacity", group.capacity) < group.members:
        raise INVALID(errors=[problems.BELOW_MEMBERS])
    leader_id = values.get("leader_id")
    if leader_id is not None:
        pair = (await queries.pairs(work.session, key, [leader_id])).get(leader_id)
        if pair is None or pair.left_at is not None:
            raise INVALID(errors=[problems.NOT_IN_GROUP])
    if "leader_id" in values:
        values["leaderless_since"] = None if leader_id is not None else group.leaderless_since or work.now
    told = group_state(group)
    before = (group.name, group.purpose)
    await work.edit(group, values)
    if (group.name, group.purpose) != before:
        await naming.written(work, group, _author(work, seen.standing))
    if group_state(group) != told:
        await emit_many(
            work.session, [told_of_update(group, work.now, new_leader=group.leader_id != told["leader_id"])]
        )
    return seen


async def dissolve(work: Work, key: UUID) -> SeenGroup:
    """Have nobody belong to a group any more. Again, it changes nothing."""
    seen = await seen_group(work, key, of=GROUPS_WRITE, lock=True)
    group = seen.group
    if not seen.changes:
        raise FORBIDDEN()
    if group.dissolved_at is not None:
        return seen
    everybody = update(GroupMember).where(col(GroupMember.group_id) == key, col(GroupMember.left_at).is_(None))
    await work.session.execute(everybody.values(left_at=work.now, ended="dissolved"))
    values = {"dissolved_at": work.now, "members": 0, "leader_id": None, "leaderless_since": work.now}
    await work.edit(group, values, action="dissolve")
    await emit_many(work.session, [told_of_group(GroupDissolved, group, work.now)])
    return seen


async def join(work: Work, key: UUID, member_id: UUID | None) -> SeenGroup:
    """Belong to a group. Who does already changes nothing. Raises what `joining_refusal` says."""
    seen = await seen_group(work, key, of=GROUPS_JOIN)
    joins = _themselves(work, seen.standing, member_id)
    members = await _locked(work, seen.group.community_id, [joins], QUERY)
    group = await existing(work.session, Group, key, lock=True)
    pair = (await queries.pairs(work.session, key, [joins])).get(joins)
    if pair is not None and pair.left_at is None:
        return seen
    await _refuse_joining(work, group, members.values())
    await let_in(work.session, group, [joins], work.now)
    await audit(work.session, work.caller, group, "join", {"member_id": [None, joins]}, work.now)
    return seen


async def leave(work: Work, key: UUID, member_id: UUID | None) -> SeenGroup:
    """Belong to a group no more; the last one of a group that a member formed ends it. Who does not changes nothing. Raises `UNKNOWN_MEMBER`."""
    seen = await seen_group(work, key, of=GROUPS_LEAVE, lock=True)
    leaves = _themselves(work, seen.standing, member_id)
    pair = (await _pairs_of_members(work, seen.group, [leaves], QUERY)).get(leaves)
    if pair is None or pair.left_at is not None:
        return seen
    await let_out(work.session, [(seen.group, pair)], "left", work.now)
    changes = {"member_id": [leaves, None]} | _dissolved(seen.group)
    await audit(work.session, work.caller, seen.group, "leave", changes, work.now)
    return seen


async def put_in(work: Work, key: UUID, member_ids: Collection[UUID]) -> SeenGroup:
    """Put members into a group, all of them or nobody; who belongs to it stays. Raises `UNKNOWN_MEMBER`, and what `joining_refusal` says."""
    seen = await changed_group(work, key, of=GROUPS_ARRANGE, lock=False)
    members = await _locked(work, seen.group.community_id, member_ids, BODY)
    seen = await changed_group(work, key)
    there = await queries.pairs(work.session, key, member_ids)
    coming = [one for id_, one in members.items() if id_ not in there or there[id_].left_at is not None]
    await _refuse_joining(work, seen.group, coming, checks_cohort=False)
    rows = await let_in(work.session, seen.group, [one.id for one in coming], work.now)
    if rows:
        await audit(work.session, work.caller, seen.group, "add", {"member_ids": [None, sorted(rows)]}, work.now)
    return seen


async def take_out(work: Work, key: UUID, member_ids: Collection[UUID]) -> SeenGroup:
    """Take members out of a group; who does not belong to it changes nothing. Raises `UNKNOWN_MEMBER`."""
    seen = await changed_group(work, key)
    pairs = await _pairs_of_members(work, seen.group, member_ids, BODY)
    rows = [row for row in pairs.values() if row.left_at is None]
    if rows:
        await let_out(work.session, [(seen.group, row) for row in rows], "taken_out", work.now)
        gone = sorted(row.member_id for row in rows)
        changes = {"member_ids": [gone, None]} | _dissolved(seen.group)
        await audit(work.session, work.caller, seen.group, "remove", changes, work.now)
    return seen


def _dissolved(group: Group) -> dict[str, Any]:
    """What the trail says beside who left a group that stood until now: that it is no more."""
    return {} if group.dissolved_at is None else {"dissolved_at": [None, group.dissolved_at]}


def _leader(standing: Standing, body: GroupCreate) -> UUID | None:
    if "leader_id" not in body.model_fields_set:
        return standing.member_id
    if body.leader_id != standing.member_id and not runs_it(standing):
        raise FORBIDDEN()
    return body.leader_id


def _themselves(work: Work, standing: Standing, member_id: UUID | None) -> UUID:
    """Whom it is about: people speak for themselves, and a service account names somebody."""
    if standing.member_id is None and member_id is None:
        raise INVALID(errors=[problems.NO_MEMBER_NAMED])
    if standing.member_id is not None and member_id not in (None, standing.member_id):
        raise FORBIDDEN()
    return standing.member_id or member_id  # type: ignore[return-value]  # one of them is there


def _author(work: Work, standing: Standing) -> UUID:
    if standing.member_id is None:
        raise FORBIDDEN()
    return standing.member_id


async def _locked(work: Work, community_id: UUID, ids: Collection[UUID], pointer: str) -> Mapping[UUID, Member]:
    members = await queries.locked_members(work.session, community_id, ids)
    _refuse_unknown(set(ids) - members.keys(), pointer)
    return members


async def _pairs_of_members(
    work: Work, group: Group, ids: Collection[UUID], pointer: str
) -> Mapping[UUID, GroupMember]:
    """Who of these belongs to a locked group, or did; a member who never did is left out, and anybody else is refused."""
    pairs = await queries.pairs(work.session, group.id, ids)
    others = set(ids) - pairs.keys()
    if others:
        _refuse_unknown(others - await queries.ever_members(work.session, group.community_id, others), pointer)
    return pairs


def _refuse_unknown(ids: Collection[UUID], pointer: str) -> None:
    errors = [FieldError(pointer, "unknown_member", f"No member: {one}", f"不是成员：{one}。") for one in sorted(ids)]
    if errors:
        raise UNKNOWN_MEMBER(errors=errors)


async def _refuse_joining(work: Work, group: Group, members: Iterable[Any], *, checks_cohort: bool = True) -> None:
    """Refuse locked members who cannot come to belong to a locked group all together; whoever puts them in does not mind their cohort."""
    coming = list(members)
    theirs = await queries.belongings(work.session, [one.id for one in coming])
    for place, member in enumerate(coming):
        others = [row for row in theirs[member.id] if row.group_id != group.id]
        code = joining_refusal(
            dissolved=group.dissolved_at is not None,
            members=group.members + place,
            capacity=group.capacity,
            of_cohort=not checks_cohort or group.cohort_id in (None, member.cohort_id),
            belongs_to=len(others),
            in_other_of_grouping=group.grouping_id is not None
            and any(row.grouping_id == group.grouping_id for row in others),
        )
        if code is not None:
            dissolved = "dissolved" if code == "illegal_transition" else None
            raise refused(code, member_id=str(member.id), state=dissolved)
