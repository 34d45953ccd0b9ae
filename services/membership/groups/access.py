"""A group, and what the caller is to it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission
from chassis.web.work import Work
from services.membership.groups.models import Group
from services.membership.groups.rules import changes_it
from services.membership.permissions import GROUPS_READ, GROUPS_WRITE


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A group that the caller reads."""

    group: Group
    standing: Standing

    @property
    def changes(self) -> bool:
        """Whether the caller may change it and take members out."""
        return changes(self.group, self.standing)


def changes(group: Group, standing: Standing) -> bool:
    """Whether somebody may change a group and take members out."""
    member = standing.member
    if member is None or not GROUPS_WRITE.reach(standing.columns):
        return False
    return changes_it(roles=runs_it(standing), leads=member.id == group.leader_id)


def runs_it(standing: Standing) -> list[str]:
    """Of the roles that run a community those that somebody has, awake."""
    names: dict[Any, str] = {"O": "operator", "W": "owner"}
    return [role for column, role in names.items() if column in standing.columns]


async def seen_group(work: Work, key: UUID, *, of: Permission, lock: bool = False) -> SeenGroup:
    """A group, if the caller may do this in its community. Raises `NOT_FOUND`, and what `authorize` raises."""
    group = await existing(work.session, Group, key, lock=lock)
    standing = await authorize(work.session, work.caller, of, group.community_id, seen_by=GROUPS_READ, now=work.now)
    return SeenGroup(group, standing)


async def changed_group(work: Work, key: UUID, *, of: Permission = GROUPS_WRITE, lock: bool = True) -> SeenGroup:
    """A group, locked, that the caller may change. Raises `FORBIDDEN`, `ILLEGAL_TRANSITION` for one that was dissolved."""
    seen = await seen_group(work, key, of=of, lock=lock)
    if not seen.changes:
        raise FORBIDDEN()
    if seen.group.dissolved_at is not None:
        raise ILLEGAL_TRANSITION(state="dissolved")
    return seen
