"""Integration events in: what members do sets automations off; history sets nothing off."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.messaging.handlers import Handlers, Received
from services.analytics.automations.firing import fire, listening
from services.analytics.automations.rules import Cause, listens_to
from services.analytics.automations.triggers import TRIGGERS, name_of

handlers = Handlers()

_HEARD = {kind: listens_to("event", type_=name_of(kind)) for kind in TRIGGERS}


@handlers.on(*TRIGGERS)
async def set_off_by_deeds(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What a member did sets off what listens to it."""
    new = [message for message in messages if not message.backfill]
    heard = {(message.data.community_id, _HEARD[type(message.data)]) for message in new}
    # Nearly always nobody listens: what the deeds are is found out only if somebody does.
    if automations := await listening(session, heard):
        causes = [cause for message in new for cause in _causes(message)]
        if causes:
            await fire(session, automations, causes, context_of(session).runtime.clock())


def _causes(message: Received[Any]) -> list[Cause]:
    kind = type(message.data)
    return [
        Cause(made.community_id, _HEARD[kind], kind.AGGREGATE, made.key, made.member_id)
        for deed in TRIGGERS[kind]
        for made in deed.made(message)
        if made.member_id is not None
    ]
