"""What a member has to collect, among their tasks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from services.gamification.base import known
from services.gamification.rewards.models import Redemption

_COLLECT = {"en": "Collect what you redeemed: {title}", "zh-CN": "领取已兑换的奖品：{title}"}
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


async def to_collect(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The goods that wait for the caller, until they go back."""
    rows = await _TO_COLLECT.all(session, person_id=reader.caller.id, now=reader.now)
    return [
        task_about(row, reader, "collect_reward", _COLLECT, "redemption", "/v1/redemptions", row.collect_by)
        for row in rows
    ]
