"""Use cases of discussions: starting one and changing what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.messaging.outbox import Outgoing, emit
from chassis.problems import NOT_FOUND, refused
from chassis.projections.workdays import work_calendar
from chassis.security.authority import Standing, authorize
from chassis.timers import Late, Timer, Timers, schedule
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.content import DiscussionStarted, DiscussionUpdated, QuestionOverdue
from services.content.deeds.service import tell_deeds
from services.content.discussions.access import Seen, seen
from services.content.discussions.models import Discussion, DiscussionTag, DiscussionText
from services.content.discussions.rules import ASKING, answer_due, refusal
from services.content.discussions.schemas import DiscussionCreate, DiscussionPatch
from services.content.markdown import rendered
from services.content.permissions import CONTENT_EDIT, DISCUSSIONS_CREATE

OVERDUE = "question.overdue"

timers = Timers()


async def start(work: Work, body: DiscussionCreate) -> Seen:
    """Start a discussion."""
    standing = await authorize(work.session, work.caller, DISCUSSIONS_CREATE, body.community_id, own=True, now=work.now)
    text = rendered(body.body)
    if standing.member_id is None:
        raise NOT_FOUND()
    due = await _due(work, standing) if body.kind in ASKING else None
    discussion = Discussion(
        community_id=body.community_id,
        kind=body.kind,
        title=body.title,
        excerpt=text.excerpt,
        tags=body.tags,
        author_id=standing.member_id,
        answer_due_at=due,
        created_at=work.now,
        seen_since=work.now,
        last_activity_at=work.now,
    )
    work.session.add(discussion)
    await work.session.flush()
    work.session.add(DiscussionText(discussion_id=discussion.id, body=body.body, body_html=text.html))
    await _write_tags(work.session, discussion)
    message = DiscussionStarted(**_state(discussion, standing))
    await tell_deeds(work.session, "made", [Outgoing(message, discussion.bump(), work.now)])
    if due is not None:
        await schedule(work.session, OVERDUE, discussion.id, due)
    return Seen(discussion, standing)


async def edit(work: Work, key: UUID, body: DiscussionPatch, if_match: int) -> Seen:
    """Change title, text or tags of what the caller started."""
    found = await seen(work, key, lock=True, of=CONTENT_EDIT)
    discussion = found.discussion
    require_match(discussion.version, if_match)
    refuse(found, "update")
    values = body.model_dump(exclude_unset=True)
    written = values.pop("body", None)
    changes = changed_by(values, discussion)
    text = await work.session.get_one(DiscussionText, discussion.id)
    if written is not None and written != text.body:
        shown = rendered(written)
        text.body, text.body_html, values["excerpt"] = written, shown.html, shown.excerpt
    elif not changes:
        return found
    discussion.sqlmodel_update(values | {"edited_at": work.now})
    if "tags" in changes:
        await work.session.execute(delete(DiscussionTag).where(col(DiscussionTag.discussion_id) == discussion.id))
        await _write_tags(work.session, discussion)
    await tell_updated(work, found)
    return found


async def _due(work: Work, standing: Standing) -> datetime:
    calendar = await work_calendar(work.session)
    return answer_due(work.now, time_zone=standing.community.time_zone, is_workday=calendar.is_workday)


def refuse(found: Seen, action: str) -> None:
    """Raise what its state says against an action."""
    discussion = found.discussion
    code = refusal(
        action,
        status=discussion.status,
        causes=discussion.causes,
        as_=found.as_,
        pinned=discussion.pinned_until is not None,
    )
    if code is not None:
        raise refused(code, state="removed" if discussion.causes else discussion.status)


async def tell_updated(work: Work, found: Seen) -> None:
    """Count and tell a change of what a discussion says or of its status."""
    discussion = found.discussion
    discussion.version += 1
    message = DiscussionUpdated(**_state(discussion, found.standing), status=discussion.status)
    await emit(work.session, message, version=discussion.bump(), occurred_at=work.now)


def _state(discussion: Discussion, standing: Standing) -> Mapping[str, Any]:
    return {
        "community_id": discussion.community_id,
        "discussion_id": discussion.id,
        "kind": discussion.kind,
        "title": discussion.title,
        "tags": tuple(discussion.tags),
        "author_id": discussion.author_id,
        "answer_due_at": discussion.answer_due_at,
        "visibility": standing.community.visibility,
    }


async def _write_tags(session: AsyncSession, discussion: Discussion) -> None:
    rows = [
        {"discussion_id": discussion.id, "tag": tag, "community_id": discussion.community_id} for tag in discussion.tags
    ]
    await insert_many(session, DiscussionTag.__table__, rows)  # type: ignore[attr-defined]


# --- what the clock does -------------------------------------------------------------------------------------------


@timers.on(OVERDUE, late=Late.ENDING)
async def tell_overdue(session: AsyncSession, timer: Timer) -> None:
    """Tell that nobody but its author has replied in time."""
    discussion = await session.get(Discussion, timer.subject_id, with_for_update=True, populate_existing=True)
    if discussion is None or not is_overdue(discussion, timer.now):
        return
    message = QuestionOverdue(
        community_id=discussion.community_id,
        discussion_id=discussion.id,
        author_id=discussion.author_id,
        title=discussion.title,
        due_at=timer.due_at,
    )
    await emit(session, message, version=discussion.bump(), occurred_at=timer.due_at)


def is_overdue(discussion: Discussion, now: datetime) -> bool:
    """Whether somebody else should have replied by now."""
    return (
        discussion.answer_due_at is not None
        and discussion.answer_due_at <= now
        and discussion.others == 0
        and discussion.status == "open"
        and discussion.removed_at is None
    )
