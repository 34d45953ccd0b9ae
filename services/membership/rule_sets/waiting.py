"""What the rules ask of a member until they have acknowledged them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from services.membership.rule_sets import queries

_TITLE = {
    "en": "Acknowledge the community's rules: without that you cannot post after their time is over",
    "zh-CN": "请确认社群规则：逾期未确认将无法发布内容",
}


async def rules_to_acknowledge(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """One task for each community whose rules the caller has not acknowledged."""
    return [
        Task(
            code="acknowledge_rules",
            title=_TITLE[reader.locale],
            due_at=due_at,
            community=TaskCommunity(id=community.id, name=community.name),
            href=f"/v1/rule-sets/{rule_set_id}",
            object=ObjectRef(kind="rule_set", id=rule_set_id),
        )
        for community, rule_set_id, due_at in await queries.owed_by(session, reader.caller.id)
    ]
