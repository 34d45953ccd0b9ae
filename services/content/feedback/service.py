"""Use cases of feedback: giving it, replying, settling it, and counting it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.days import day_began_at, local_day
from chassis.messaging.outbox import emit
from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION, NOT_FOUND
from chassis.projections.workdays import work_calendar
from chassis.security.authority import Standing, authorize
from chassis.timers import Timer, Timers
from chassis.web.work import Work
from chassis.working_time import due_after
from contracts.content import FeedbackCounted
from services.content.attachments.naming import keep_named
from services.content.attachments.occasions import Named
from services.content.base import known
from services.content.discussions.access import is_by
from services.content.feedback.models import Feedback, FeedbackCount, FeedbackReply
from services.content.feedback.queries import counted
from services.content.feedback.rules import DAYS_TO_ANSWER, DAYS_TO_CLOSE, addressed
from services.content.feedback.schemas import FeedbackCreate
from services.content.markdown import rendered
from services.content.mentions import shown_today
from services.content.permissions import FEEDBACK_READ

_COUNTS = FeedbackCount.__table__  # type: ignore[attr-defined]

timers = Timers()


@dataclass(frozen=True, slots=True)
class SeenFeedback:
    """Feedback that the caller wrote or that is addressed to them."""

    feedback: Feedback
    standing: Standing


async def give(work: Work, body: FeedbackCreate) -> SeenFeedback:
    """Tell those who run the community. No list of words looks at it: a moderator would read it then."""
    if work.permission is None:
        raise TypeError("an operation that gives declares a permission")
    standing = await authorize(work.session, work.caller, work.permission, body.community_id, own=True, now=work.now)
    if standing.member_id is None:
        raise NOT_FOUND()
    calendar = await work_calendar(work.session)
    zone = standing.community.time_zone
    answer, close = (
        due_after(work.now, days, time_zone=zone, is_workday=calendar.is_workday)
        for days in (DAYS_TO_ANSWER, DAYS_TO_CLOSE)
    )
    feedback = Feedback(
        community_id=body.community_id,
        addressee=body.to,
        title=body.title,
        body=body.body,
        body_html=_shown(body.body),
        author_id=standing.member_id,
        answer_due_at=answer,
        close_due_at=close,
        created_at=work.now,
    )
    work.session.add(feedback)
    await work.session.flush()
    await keep_named(work, Named("feedback", feedback.id, body.community_id, shown=True), body.body)
    return SeenFeedback(feedback, standing)


def _shown(body: str) -> str:
    """The HTML. Who is named in it is text, for nobody may hear of it."""
    return shown_today(rendered(body).html, [], {})


async def seen_feedback(work: Work, key: UUID, *, lock: bool = False) -> SeenFeedback:
    """Feedback for its author and whom it is addressed to; nobody else finds it. Raises `NOT_FOUND`."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    feedback = await existing(work.session, Feedback, key, lock=lock)
    standing = await authorize(
        work.session,
        work.caller,
        work.permission,
        feedback.community_id,
        own=True,
        seen_by=FEEDBACK_READ,
        now=work.now,
    )
    if not reads(standing, feedback):
        raise NOT_FOUND()
    return SeenFeedback(feedback, standing)


def reads(standing: Standing, feedback: Feedback) -> bool:
    """Whether somebody who is this wrote it or is whom it is addressed to."""
    return is_by(standing, feedback.author_id) or feedback.addressee in addressed(standing.columns)


async def reply(work: Work, key: UUID, body: str) -> FeedbackReply:
    """Reply, as long as it is not settled."""
    found = await seen_feedback(work, key, lock=True)
    feedback, member_id = found.feedback, found.standing.member_id
    if member_id is None:
        raise NOT_FOUND()
    if feedback.closed_at is not None:
        raise ILLEGAL_TRANSITION(state="closed")
    made = FeedbackReply(
        feedback_id=feedback.id,
        author_id=member_id,
        body=body,
        body_html=_shown(body),
        created_at=work.now,
    )
    work.session.add(made)
    if feedback.answered_at is None and member_id != feedback.author_id:
        feedback.answered_at = work.now
    _tell_author(found, work.now)
    feedback.version += 1
    await work.session.flush()
    await keep_named(work, Named("feedback_reply", made.id, feedback.community_id, shown=True), body)
    return made


async def close(work: Work, key: UUID) -> SeenFeedback:
    """Settle it: its author, or whom it is addressed to."""
    found = await seen_feedback(work, key, lock=True)
    if found.feedback.closed_at is not None:
        raise ILLEGAL_TRANSITION(state="closed")
    found.feedback.closed_at = work.now
    _tell_author(found, work.now)
    found.feedback.version += 1
    return found


async def read(work: Work, key: UUID) -> SeenFeedback:
    """Take that its author read what there is. Raises `FORBIDDEN` for others, to whom nothing in it is new or read."""
    found = await seen_feedback(work, key, lock=True)
    if not is_by(found.standing, found.feedback.author_id):
        raise FORBIDDEN()
    found.feedback.read_at = work.now
    return found


def _tell_author(found: SeenFeedback, now: datetime) -> None:
    """What somebody else does is new to its author; who does something themselves has read what was there."""
    if is_by(found.standing, found.feedback.author_id):
        found.feedback.read_at = now
    else:
        found.feedback.news_at = now


def is_overdue(feedback: Feedback, now: datetime) -> bool:
    """Whether it should have been answered, or settled, by now."""
    late = feedback.answered_at is None and feedback.answer_due_at <= now
    return feedback.closed_at is None and (late or feedback.close_due_at <= now)


# --- what leaves content of it ---------------------------------------------------------------------------------------


@timers.every(timedelta(hours=1), kind="feedback.count")
async def tell_counts(session: AsyncSession, timer: Timer) -> None:
    """Tell of the day before, once it is over in the community: numbers alone, by nobody, of whatever happened at one moment."""
    first = select(col(Feedback.community_id), func.min(col(Feedback.created_at)).label("at"))
    began = first.group_by(col(Feedback.community_id)).subquery()
    zones = select(known.communities.c.id, known.communities.c.time_zone, began.c.at)
    joined = zones.join(began, began.c.community_id == known.communities.c.id).order_by(known.communities.c.id)
    for community_id, time_zone, at in (await session.execute(joined)).all():
        day = local_day(timer.now, time_zone=time_zone) - timedelta(days=1)
        before = local_day(at, time_zone=time_zone) - timedelta(days=1)
        new = {"community_id": community_id, "counted_upto": before, "messages_published": 0}
        await insert_new(session, _COUNTS, [new], key=["community_id"])
        count = await existing(session, FeedbackCount, community_id, lock=True)
        while count.counted_upto < day:
            count.counted_upto += timedelta(days=1)
            begin, end = (
                day_began_at(one, time_zone=time_zone)
                for one in (count.counted_upto, count.counted_upto + timedelta(days=1))
            )
            found = await counted(session, community_id, begin, end)
            if not any(found):
                continue
            message = FeedbackCounted(
                community_id=community_id,
                day=count.counted_upto,
                opened=found.opened,
                answered=found.answered,
                closed=found.closed,
            )
            await emit(session, message, version=count.bump(), occurred_at=end)
