"""How groups become answers, for whoever reads them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.locale import Locale
from chassis.security.authority import Standing
from chassis.security.permissions import Permission
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.base import texts
from services.membership.cohorts.queries import cohort_refs
from services.membership.groups import queries
from services.membership.groups.access import SeenGroup, changes
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import STAND_INS, joining_refusal
from services.membership.groups.schemas import GroupMemberPublic, GroupMine, GroupPublic
from services.membership.permissions import GROUPS_ARRANGE, GROUPS_JOIN, GROUPS_LEAVE
from services.membership.roster.queries import embedded_by_id
from services.membership.standing.service import own_standings


async def shown(work: Work, seen: SeenGroup, locale: Locale) -> GroupPublic:
    """A group as it is now, for a reader of this language."""
    await work.session.flush()
    return (await listed(work, [seen.group], {seen.group.community_id: seen.standing}, locale))[0]


async def listed(
    work: Work, groups: Sequence[Group], standings: Mapping[UUID, Standing], locale: Locale
) -> list[GroupPublic]:
    """Groups of one or several communities; the caller's standing in those that are not given is looked up."""
    session, caller = work.session, work.caller
    missing = {group.community_id for group in groups} - standings.keys()
    if missing and caller is not None:
        standings = {**standings, **await own_standings(session, caller, missing, work.now)}
    own: Mapping[UUID, Any] = {}
    if caller is not None and caller.kind == "person":
        own = await queries.own_members(session, caller.id, work.now)
    ids = [member.id for member in own.values()]
    since = await queries.belonging_since(session, [group.id for group in groups], ids)
    belongs = await queries.belongings(session, ids)
    leaders = await embedded_by_id(session, {one.leader_id for one in groups if one.leader_id is not None}, work.now)
    cohorts = await cohort_refs(session, [group.cohort_id for group in groups])
    hidden = await texts.hidden(session, [group.id for group in groups if not group.readable])
    answers = []
    for group in groups:
        standing = standings[group.community_id]
        may_change = changes(group, standing)
        reads = group.readable or may_change
        member = own.get(group.community_id)
        answers.append(
            GroupPublic(
                id=group.id,
                community_id=group.community_id,
                name=group.name if reads else STAND_INS[locale],
                purpose=group.purpose if reads else None,
                hidden=hidden.get(group.id),
                capacity=group.capacity,
                members=group.members,
                leader=leaders[group.leader_id] if group.leader_id is not None else None,
                cohort=cohorts[group.cohort_id],
                balanced=group.grouping_id is not None,
                grouping_id=group.grouping_id,
                status="active" if group.dissolved_at is None else "dissolved",
                mine=GroupMine(since=since[group.id]) if group.id in since else None,
                created_at=group.created_at,
                dissolved_at=group.dissolved_at,
                viewer=_viewer(group, standing, member, belongs, is_in=group.id in since, may_change=may_change),
            )
        )
    return answers


async def members_shown(work: Work, group: Group, rows: Sequence[GroupMember]) -> list[GroupMemberPublic]:
    """Who belongs to a group."""
    members = await embedded_by_id(work.session, [row.member_id for row in rows], work.now)
    return [
        GroupMemberPublic(member=members[row.member_id], since=row.since, leads=row.member_id == group.leader_id)
        for row in rows
    ]


def _viewer(
    group: Group,
    standing: Standing,
    member: Any,
    belongs: Mapping[UUID, Sequence[Any]],
    *,
    is_in: bool,
    may_change: bool,
) -> Viewer:
    dissolved = group.dissolved_at is not None
    archived = "community_archived" if standing.community.status == "archived" else None
    changing = "forbidden" if not may_change else archived or ("illegal_transition" if dissolved else None)
    answers: dict[str, str | None] = dict.fromkeys(("update", "add", "remove"), changing)
    if not GROUPS_ARRANGE.reach(standing.columns):
        answers["add"] = "forbidden"
    if not dissolved:
        answers["dissolve"] = changing
    if is_in:
        answers["leave"] = _allowed(GROUPS_LEAVE, standing, member) or archived
    else:
        answers["join"] = _allowed(GROUPS_JOIN, standing, member) or archived or _joining(group, member, belongs)
    return Viewer.of(answers)


def _allowed(wanted: Permission, standing: Standing, member: Any) -> str | None:
    return None if member is not None and wanted.reach(standing.columns) else "forbidden"


def _joining(group: Group, member: Any, belongs: Mapping[UUID, Sequence[Any]]) -> str | None:
    others = belongs[member.id]
    return joining_refusal(
        dissolved=group.dissolved_at is not None,
        members=group.members,
        capacity=group.capacity,
        of_cohort=group.cohort_id in (None, member.cohort_id),
        belongs_to=len(others),
        in_other_of_grouping=group.grouping_id is not None
        and any(row.grouping_id == group.grouping_id for row in others),
    )
