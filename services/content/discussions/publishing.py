"""When members see a discussion for the first time: at once, or when the clock says so."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.messaging.outbox import Outgoing
from chassis.projections.members import known_member
from chassis.projections.workdays import work_calendar
from chassis.security.authority import CommunityFacts, columns_of
from chassis.security.caller import Caller
from chassis.timers import Late, Timer, Timers, schedule
from contracts.content import DiscussionStarted
from services.content.deeds.service import deeds
from services.content.discussions.models import Discussion, DiscussionText
from services.content.discussions.occasions import Published, discussion_published
from services.content.discussions.rules import ASKING, SCHEDULED, answer_due
from services.content.discussions.texts import about, as_text, text_of
from services.content.holding.service import hold, news
from services.content.permissions import ANNOUNCEMENTS_CREATE
from services.content.scanning.scanners import verdict_on

log = logging.getLogger("qunxue.content")

OVERDUE = "question.overdue"
PUBLISH = "discussion.publish"

timers = Timers()


async def publish(session: AsyncSession, discussion: Discussion, community: CommunityFacts, at: datetime) -> None:
    """Have members see it, and tell that it was started; it is new, or locked."""
    discussion.publish_at = None
    discussion.created_at = discussion.seen_since = discussion.last_activity_at = at
    if discussion.kind in ASKING:
        calendar = await work_calendar(session)
        due = answer_due(at, time_zone=community.time_zone, is_workday=calendar.is_workday)
        discussion.answer_due_at = due
        await schedule(session, OVERDUE, discussion.id, due)
    await discussion_published.happened(session, Published(discussion, community, at))
    message = DiscussionStarted(**state_of(discussion, community))
    await deeds.tell(session, "made", [Outgoing(message, discussion.bump(), at)])


async def put_off(session: AsyncSession, discussion: Discussion, until: datetime) -> None:
    """Have members see it at a later moment only."""
    if discussion.publish_at is None:
        discussion.causes, discussion.removed_at = [SCHEDULED], discussion.created_at
    discussion.publish_at = until
    await schedule(session, PUBLISH, discussion.id, until)


@timers.on(PUBLISH, late=Late.BEGINNING)
async def publish_when_due(session: AsyncSession, timer: Timer) -> None:
    """Publish what is not removed, if its author still may; else it stays as it is."""
    discussion = await session.get(Discussion, timer.subject_id, with_for_update=True, populate_existing=True)
    if discussion is None or discussion.publish_at is None or list(discussion.causes) != [SCHEDULED]:
        return
    community = await _community_if_permitted(session, discussion, timer.now)
    if community is None:
        log.warning("not published: its author may not any more", extra={"discussion": str(discussion.id)})
        return
    if await _held_now(session, discussion, timer.now):
        return
    discussion.causes, discussion.removed_at = [], None
    discussion.version += 1
    await publish(session, discussion, community, timer.at)


async def _held_now(session: AsyncSession, discussion: Discussion, now: datetime) -> bool:
    """Whether lists say something else of it than when it was written: then a moderator looks at it first."""
    text = text_of(discussion, await session.get_one(DiscussionText, discussion.id))
    verdict = await verdict_on(session, discussion.community_id, as_text(text))
    if not await news(session, discussion.id, verdict):
        return False
    discussion.causes = [*discussion.causes, "hold"]
    discussion.version += 1
    await hold(session, discussion.community_id, about(discussion), verdict.held(), text, now)
    return True


async def _community_if_permitted(
    session: AsyncSession, discussion: Discussion, now: datetime
) -> CommunityFacts | None:
    author = await known_member(session, discussion.author_id)
    if author is None:
        return None
    facts = await context_of(session).runtime.authority.facts(
        session, person_id=author.person_id, community_id=discussion.community_id, guarded=False, now=now
    )
    if facts is None or facts.person_status not in {None, "active"} or facts.community.status == "archived":
        return None
    columns = columns_of(Caller("person", author.person_id, UUID(int=0)), facts, now)
    return facts.community if ANNOUNCEMENTS_CREATE.reach(columns) else None


def state_of(discussion: Discussion, community: CommunityFacts) -> Mapping[str, Any]:
    """What its messages say of a discussion."""
    return {
        "community_id": discussion.community_id,
        "discussion_id": discussion.id,
        "kind": discussion.kind,
        "title": discussion.title,
        "tags": tuple(discussion.tags),
        "author_id": discussion.author_id,
        "mentions": tuple(discussion.mentions),
        "answer_due_at": discussion.answer_due_at,
        "audience": discussion.audience,
        "visibility": community.visibility,
        "group_id": discussion.group_id,
    }
