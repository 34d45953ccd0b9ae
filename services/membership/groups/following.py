"""What becomes of groups when memberships of the community end, and when one that ended wrongly is taken up again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import emit_many
from services.membership.groups import queries
from services.membership.groups.belonging import lead, let_out, take_in, told_of_update
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import joining_refusal
from services.membership.roster.models import Member
from services.membership.roster.occasions import MemberConcerned, MembershipRestored, Returned

Left = tuple[UUID, str]
"""A group that somebody did not come back to, and the code of the reason."""


async def leave_groups(session: AsyncSession, ended: MemberConcerned) -> None:
    """Take who left the community out of their groups; what they led passes on. Who was expelled may come back to what is theirs alone."""
    found = await queries.locked_with_groups(session, ended.member.id)
    for_good = ended.member.status != "expelled"
    await let_out(session, found, "membership_ended", ended.at, for_good=for_good)


async def come_back_to_groups(session: AsyncSession, restored: MembershipRestored) -> Returned:
    """Bring whose membership goes on back to the groups that they lost with it."""
    count, left = await return_to_groups(session, restored.member, restored.ended_at, restored.at)
    said = {"illegal_transition": "group_dissolved"}
    return Returned("groups", count, [(key, said.get(code, code)) for key, code in left])


async def return_to_groups(
    session: AsyncSession, member: Member, since: datetime, now: datetime
) -> tuple[int, Sequence[Left]]:
    """Bring a locked member, whose membership stands again, back to the groups that they lost with it at `since` or later.

    Answers how many. A group that is full, dissolved or no longer theirs to join stays without them: each with the code of the refusal.
    They lead again what they led, if nobody else does.
    """
    lost = await queries.locked_with_groups(session, member.id, lost_since=since)
    there = (await queries.belongings(session, [member.id]))[member.id]
    groupings = {row.grouping_id for row in there} - {None}
    belongs_to = len(there)
    left: list[Left] = []
    back: list[tuple[Group, GroupMember]] = []
    led: list[Group] = []
    for group, row in lost:
        code = joining_refusal(
            dissolved=group.dissolved_at is not None,
            members=group.members,
            capacity=group.capacity,
            of_cohort=group.cohort_id in (None, member.cohort_id),
            belongs_to=belongs_to,
            in_other_of_grouping=group.grouping_id in groupings,
        )
        if code is not None:
            left.append((group.id, code))
            continue
        if row.led and group.leader_id is None:
            lead(group, member.id, now)
            group.version += 1
            led.append(group)
        back.append((group, row))
        belongs_to += 1
        groupings |= {group.grouping_id} - {None}
    await take_in(session, back, now)
    await emit_many(session, [told_of_update(group, now, new_leader=True) for group in led])
    return len(back), left
