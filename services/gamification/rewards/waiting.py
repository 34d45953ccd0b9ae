"""What a member has to collect, and what waits for who approves it, among their tasks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, TaskCommunity, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.security.permissions import ROLE_COLUMNS, Reach
from services.gamification.base import known
from services.gamification.permissions import REDEMPTIONS_DECIDE
from services.gamification.rewards.models import Redemption
from services.gamification.rewards.redemption_rules import ASKED_FOR

_COLLECT = {"en": "Collect what you redeemed: {title}", "zh-CN": "领取已兑换的奖品：{title}"}
_DECIDE = {"en": "Redemptions to approve: {count}", "zh-CN": "待审批的兑换：{count} 个"}
_HAND_OVER = {"en": "Redemptions to hand over: {count}", "zh-CN": "待发放的兑换：{count} 个"}
_MOST = 100
_members, _communities = known.members.c, known.communities.c
_TO_COLLECT: Prepared[Any] = Prepared(
    select(
        col(Redemption.id),
        col(Redemption.title),
        col(Redemption.collect_by),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .select_from(Redemption)
    .join(known.members, _members.id == col(Redemption.member_id))
    .join(known.communities, _communities.id == col(Redemption.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status != "erased",
        col(Redemption.status) == "approved",
        col(Redemption.collect_by) > bindparam("now"),
    )
    .order_by(col(Redemption.collect_by), col(Redemption.id))
    .limit(_MOST)
)
_MEMBERSHIPS: Prepared[Any] = Prepared(
    select(_members.id, _members.roles, _communities.id.label("community_id"), _communities.name)
    .select_from(known.members)
    .join(known.communities, _communities.id == _members.community_id)
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        _communities.status != "archived",
    )
)


def _counted(due: Any, *which: Any) -> Prepared[Any]:
    """How many redemptions of these memberships' communities wait, and until when; nobody decides about their own."""
    return Prepared(
        lambda on: (
            select(col(Redemption.community_id), func.count().label("count"), func.min(due).label("due_at"))
            .select_from(Redemption)
            .join(
                known.members,
                (_members.community_id == col(Redemption.community_id)) & (_members.id != col(Redemption.member_id)),
            )
            .where(on.among(_members.id, "members"), *which)
            .group_by(col(Redemption.community_id))
            .order_by(func.min(due), col(Redemption.community_id))
            .limit(_MOST)
        )
    )


_TO_DECIDE = _counted(col(Redemption.decide_by), col(Redemption.status) == "requested")
_TO_HAND_OVER = _counted(
    col(Redemption.collect_by),
    col(Redemption.status) == "approved",
    # What a webhook hands over is nobody's, as long as it is asked.
    or_(col(Redemption.fulfilment) != "webhook", col(Redemption.approved_at) <= bindparam("asked_long")),
)


async def to_collect(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The goods that wait for the caller, until they go back."""
    rows = await _TO_COLLECT.all(session, person_id=reader.caller.id, now=reader.now)
    return [
        task_about(row, reader, "collect_reward", _COLLECT, "redemption", "/v1/redemptions", row.collect_by)
        for row in rows
    ]


async def own_to_decide(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What the caller can approve or reject, and what they can hand over: a task of each kind for each of their communities. Of others nothing is counted."""
    memberships = await _MEMBERSHIPS.all(session, person_id=reader.caller.id)
    names = {one.community_id: one.name for one in memberships if _decides(one.roles)}
    if not names:
        return []
    members = [one.id for one in memberships if one.community_id in names]
    to_decide = await _TO_DECIDE.all(session, members=members)
    approved = await _TO_HAND_OVER.all(session, members=members, asked_long=reader.now - ASKED_FOR)
    return [
        Task(
            code=code,
            title=title[reader.locale].format(count=row.count),
            due_at=row.due_at,
            community=TaskCommunity(id=row.community_id, name=names[row.community_id]),
            count=row.count,
            href=f"/v1/redemptions?community_id={row.community_id}&status={status}",
        )
        for code, title, status, rows in (
            ("approve_redemptions", _DECIDE, "requested", to_decide),
            ("hand_over_redemptions", _HAND_OVER, "approved", approved),
        )
        for row in rows
    ]


def _decides(roles: Sequence[str]) -> bool:
    columns = frozenset(ROLE_COLUMNS[role] for role in roles if role in ROLE_COLUMNS)
    return Reach.ALL in REDEMPTIONS_DECIDE.reach(columns)
