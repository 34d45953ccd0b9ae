"""The group `membership.inbox`: every message that concerns somebody's inbox, each publisher's by a handler of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.base import IntegrationEvent
from services.membership.notifications import (
    analytics_news,
    conduct_news,
    content_news,
    events_news,
    gamification_news,
    membership_news,
    mentorship_news,
    rewards_news,
    writing_news,
)
from services.membership.notifications.rules import Step, Tell
from services.membership.notifications.telling import carry_out

GROUP = "inbox"

News = Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]

_CONTENT: News = {**content_news.NEWS, **writing_news.NEWS}
_MEMBERSHIP: News = {**membership_news.NEWS, **mentorship_news.NEWS}
_GAMIFICATION: News = {**gamification_news.NEWS, **rewards_news.NEWS}
ALL_NEWS: News = {
    **_CONTENT,
    **events_news.NEWS,
    **_GAMIFICATION,
    **_MEMBERSHIP,
    **conduct_news.NEWS,
    **analytics_news.NEWS,
}
"""What each message means."""

handlers = Handlers()


@handlers.on(*_CONTENT)
async def tell_of_content(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Replies, answers, reactions, announcements, articles, ideas."""
    await _tell(messages, session)


@handlers.on(*events_news.NEWS)
async def tell_of_events(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Activities and registrations."""
    await _tell(messages, session)


@handlers.on(*_GAMIFICATION)
async def tell_of_gamification(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Points, levels, badges, certificates, kudos."""
    await _tell(messages, session)


@handlers.on(*_MEMBERSHIP)
async def tell_of_membership(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Applications, memberships, sanctions, mentorships."""
    await _tell(messages, session)


@handlers.on(*conduct_news.NEWS)
async def tell_of_conduct(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Penalties."""
    await _tell(messages, session)


@handlers.on(*analytics_news.NEWS)
async def tell_of_analytics(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Goals and automations."""
    await _tell(messages, session)


async def _tell(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    steps = [
        step
        for message in messages
        for step in ALL_NEWS[type(message.data)](message)
        # History is kept in mind, and told to nobody.
        if not (message.backfill and isinstance(step, Tell))
    ]
    await carry_out(session, steps, moment_of(session))
