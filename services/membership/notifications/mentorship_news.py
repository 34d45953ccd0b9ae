"""What mentorships mean for the inbox: messages of their course, and what one of the two is told in the same transaction."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.envelope import Received
from contracts import belonging
from contracts.base import IntegrationEvent
from services.membership.mentorships.occasions import MentorshipNews, News, ProposalsLapsed
from services.membership.notifications.rules import Holds, Step, Tell
from services.membership.notifications.telling import carry_out

_TEMPLATES: Final[Mapping[News, str]] = {
    "asked": "mentorship.asked",
    "offered": "mentorship.offered",
    "declined": "mentorship.declined",
    "lapsed": "mentorship.lapsed",
    "to_complete": "mentorship.to_complete",
    "feedback": "mentorship.feedback",
}


def _both(message: Received[Any], template: str, *, unless_by: str | None) -> Iterable[Step]:
    it = message.data
    for member_id, other_id in ((it.mentor_id, it.mentee_id), (it.mentee_id, it.mentor_id)):
        yield Tell(
            template,
            f"mentorship:{it.mentorship_id}:{member_id}",
            message.version,
            f"mentorship:{it.mentorship_id}",
            message.occurred_at,
            it.community_id,
            members=(member_id,),
            about=("mentorship", it.mentorship_id),
            actor_id=other_id,
            replaces=True,
            unless_by=unless_by,
        )


def mentorship_started(message: Received[Any]) -> Iterable[Step]:
    """The one who proposed it."""
    return _both(message, "mentorship.started", unless_by=message.actor)


def mentorship_completed(message: Received[Any]) -> Iterable[Step]:
    """Both: each may say how it was."""
    return _both(message, "mentorship.completed", unless_by=None)


def mentorship_ended(message: Received[Any]) -> Iterable[Step]:
    """The one who did not end it."""
    return _both(message, "mentorship.ended", unless_by=message.actor)


async def tell_of_mentorship(session: AsyncSession, news: MentorshipNews) -> None:
    """Tell one of the two what the other one asks or says, and take it back where it needs no answer any more."""
    source = _source(news.mentorship_id)
    step: Step = Holds(source, news.version, live=False, replaced=True)
    if news.what is not None:
        step = Tell(
            _TEMPLATES[news.what],
            source,
            news.version,
            f"mentorship:{news.mentorship_id}",
            news.at,
            news.community_id,
            members=(news.to,),
            about=("mentorship", news.mentorship_id),
            actor_id=news.by,
            replaces=True,
        )
    await carry_out(session, [step], news.at)


async def take_back_proposals(session: AsyncSession, lapsed: ProposalsLapsed) -> None:
    """Take proposals out of inboxes that need no answer any more: many where many had asked the same mentor."""
    steps = [Holds(_source(key), version, live=False, replaced=True) for key, version in lapsed.versions.items()]
    await carry_out(session, steps, lapsed.at)


def _source(mentorship_id: UUID) -> str:
    return f"mentorship_news:{mentorship_id}"


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    belonging.MentorshipStarted: mentorship_started,
    belonging.MentorshipCompleted: mentorship_completed,
    belonging.MentorshipEnded: mentorship_ended,
}
