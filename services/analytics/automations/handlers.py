"""Integration events in: what members do sets automations off; history sets nothing off."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.messaging.handlers import Handlers, Received
from services.analytics.automations.firing import set_off
from services.analytics.automations.rules import Cause, listens_to
from services.analytics.automations.triggers import TRIGGERS, name_of

handlers = Handlers()


@handlers.on(*TRIGGERS)
async def set_off_by_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What a member did sets off what listens to it."""
    causes = [cause for message in messages if not message.backfill for cause in _causes(message)]
    await set_off(session, causes, context_of(session).runtime.clock())


def _causes(message: Received[Any]) -> list[Cause]:
    kind = type(message.data)
    heard = listens_to("event", type_=name_of(kind))
    return [
        Cause(made.community_id, heard, kind.AGGREGATE, made.key, made.member_id)
        for deed in TRIGGERS[kind]
        for made in deed.made(message)
        if made.member_id is not None
    ]
