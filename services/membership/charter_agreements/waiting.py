"""What a charter asks of a member until they have agreed to it."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from services.membership.charter_agreements import queries

_TITLE = {"en": "Read the community's charter and agree to it", "zh-CN": "请阅读并同意社群章程"}


async def charters_to_agree_to(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """One task for each community to whose present charter the caller has not agreed."""
    return [
        Task(
            code="agree_to_charter",
            title=_TITLE[reader.locale],
            community=TaskCommunity(id=community.id, name=community.name),
            href=f"/v1/communities/{community.id}/charters/{community.charter_version}",
            object=ObjectRef(kind="community", id=community.id),
        )
        for community in await queries.asked_of(session, reader.caller.id)
    ]
