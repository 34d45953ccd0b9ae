"""Use cases of discussions: starting one and changing what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.statements import Prepared, bindparam
from chassis.ids import is_mask
from chassis.messaging.outbox import emit
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, refused
from chassis.security.authority import authorize
from chassis.timers import Late, Timer, Timers
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.content import DiscussionUpdated, QuestionOverdue
from services.content.attachments.naming import keep_named
from services.content.attachments.occasions import Named
from services.content.discussions import problems
from services.content.discussions.access import Seen, as_seen, seen
from services.content.discussions.models import Discussion, DiscussionTag, DiscussionText
from services.content.discussions.occasions import Said, Written, discussion_said, discussion_written
from services.content.discussions.publishing import OVERDUE, publish, put_off, state_of
from services.content.discussions.rules import NOT_MERGEABLE, UNSEEN, refusal
from services.content.discussions.schemas import DiscussionCreate, DiscussionPatch, shown_status
from services.content.discussions.texts import about, as_text, text_of
from services.content.groups import DISSOLVED, require_open
from services.content.holding.service import hold, mended
from services.content.markdown import rendered
from services.content.mentions import mentioned
from services.content.newcomers import refuse_newcomer
from services.content.permissions import ANNOUNCEMENTS_CREATE, CONTENT_EDIT, DISCUSSIONS_CREATE
from services.content.scanning.scanners import judged
from services.content.unnamed.masks import put_on, written_by
from services.content.unnamed.policy import allows_unnamed

TEXT = {"title", "body", "tags"}
MOST_IN_FIRST_DAY = 3
"""How many discussions people from outside start in it."""

_STARTED: Prepared[int] = Prepared(
    select(func.count()).where(written_by(col(Discussion.author_id)), col(Discussion.created_at) >= bindparam("since"))
)

timers = Timers()


async def start(work: Work, body: DiscussionCreate) -> Seen:
    """Start a discussion. Raises `TEXT_REFUSED`, `FIRST_DAY_FULL`, what `require_open` raises; what a list holds waits for a moderator."""
    wanted = ANNOUNCEMENTS_CREATE if body.kind == "announcement" else DISCUSSIONS_CREATE
    standing = await authorize(work.session, work.caller, wanted, body.community_id, own=True, now=work.now)
    await require_open(work.session, standing, body.group_id)
    await refuse_newcomer(work, standing, _STARTED, MOST_IN_FIRST_DAY)
    written = body.model_dump(include=TEXT)
    choices = {"poll/choices": "\n".join(body.poll.choices)} if body.poll is not None else {}
    verdict = await judged(work.session, body.community_id, as_text(written) | choices)
    text = rendered(body.body)
    if standing.member_id is None:
        raise NOT_FOUND()
    if body.unnamed and not (body.kind == "question" and await allows_unnamed(work.session, body.community_id)):
        raise INVALID(errors=[problems.NOT_UNNAMED])
    html, mentions = await mentioned(work, body.community_id, text, group_id=body.group_id)
    member_id = standing.member_id
    discussion = Discussion(
        community_id=body.community_id,
        mentions=mentions,
        kind=body.kind,
        title=body.title,
        excerpt=text.excerpt,
        tags=body.tags,
        group_id=body.group_id,
        author_id=put_on(work.session, body.community_id, member_id) if body.unnamed else member_id,
        created_at=work.now,
        seen_since=work.now,
        last_activity_at=work.now,
    )
    work.session.add(discussion)
    await work.session.flush()
    found = await as_seen(work.session, discussion, standing)
    work.session.add(DiscussionText(discussion_id=discussion.id, body=body.body, body_html=html))
    await _write_tags(work.session, discussion)
    await keep_named(work, naming(discussion), body.body)
    await discussion_written.happened(work.session, Written(discussion, body, standing.community, work.now))
    if verdict.holds:
        discussion.causes, discussion.removed_at = [*discussion.causes, "hold"], work.now
        await hold(work.session, discussion.community_id, about(discussion), verdict, written, work.now)
    elif discussion.publish_at is None:
        await publish(work.session, discussion, standing.community, work.now)
    await discussion_said.happened(work.session, Said(discussion, text.plain))
    return found


async def edit(work: Work, key: UUID, body: DiscussionPatch, if_match: int) -> Seen:
    """Change title, text or tags of what the caller started. What a list holds waits; meanwhile others read what was there."""
    found = await seen(work, key, lock=True, of=CONTENT_EDIT)
    discussion = found.discussion
    if not found.writes_kind:
        raise FORBIDDEN()
    require_match(discussion.version, if_match)
    refuse(found, "update")
    told = Written(discussion, body, found.standing.community, work.now)
    more = any(await discussion_written.happened(work.session, told))
    text = await work.session.get_one(DiscussionText, discussion.id)
    before = text_of(discussion, text)
    after = before | (text.waiting or {}) | body.model_dump(exclude_unset=True, include=TEXT)
    if after == before and text.waiting is None:
        if more:
            discussion.edited_at = work.now
            await tell_updated(work, found)
        return found
    verdict = await judged(work.session, discussion.community_id, as_text(after))
    if verdict.holds and not discussion.causes:
        await _let_wait(work, discussion, text, after)
        await hold(work.session, discussion.community_id, about(discussion), verdict, after, work.now, before=before)
        return found
    if verdict.holds:
        await write(work, found, text, after)
        await hold(work.session, discussion.community_id, about(discussion), verdict, after, work.now)
        return found
    released = await mended(work.session, discussion.id, after, work.now)
    if not released and not discussion.causes:
        await _let_wait(work, discussion, text, after)
        return found
    await write(work, found, text, after)
    if released and "hold" in discussion.causes:
        discussion.causes = [cause for cause in discussion.causes if cause != "hold"]
        if discussion.publish_at is not None:
            await put_off(work.session, discussion, max(discussion.publish_at, work.now))
        elif not discussion.causes:
            discussion.removed_at = None
            await publish(work.session, discussion, found.standing.community, work.now)
    return found


async def _let_wait(work: Work, discussion: Discussion, text: DiscussionText, after: dict[str, Any]) -> None:
    before = (text.waiting or {}).get("body")
    await keep_named(work, naming(discussion), text.body, also=[after["body"]], before=[text.body, before])
    text.waiting = after
    discussion.version += 1


async def drop_waiting(work: Work, discussion: Discussion, text: DiscussionText) -> None:
    """Forget an edit of a locked discussion that waits, with what it alone names."""
    if text.waiting is not None:
        await keep_named(work, naming(discussion), text.body, before=[text.body, text.waiting["body"]])
        text.waiting = None


def naming(discussion: Discussion) -> Named:
    """A discussion as what names files."""
    mask = discussion.author_id if is_mask(discussion.author_id) else None
    return Named("discussion", discussion.id, discussion.community_id, shown=True, mask=mask)


async def write(work: Work, found: Seen, text: DiscussionText, written: Mapping[str, Any]) -> None:
    """Let a locked discussion say this, and tell of it if it was seen before."""
    discussion = found.discussion
    await keep_named(work, naming(discussion), written["body"], before=[text.body, (text.waiting or {}).get("body")])
    text.waiting = None
    values = {name: written[name] for name in ("title", "tags")}
    changes = changed_by(values, discussion)
    plain = None
    if written["body"] != text.body:
        shown = rendered(written["body"])
        plain = shown.plain
        html, mentions = await mentioned(work, discussion.community_id, shown, group_id=discussion.group_id)
        text.body, text.body_html = written["body"], html
        values |= {"excerpt": shown.excerpt, "mentions": mentions}
    elif not changes:
        discussion.version += 1
        return
    discussion.sqlmodel_update(values | {"edited_at": work.now})
    if "tags" in changes:
        await work.session.execute(delete(DiscussionTag).where(col(DiscussionTag.discussion_id) == discussion.id))
        await _write_tags(work.session, discussion)
    await tell_updated(work, found)
    await discussion_said.happened(work.session, Said(discussion, plain))


def refuse(found: Seen, action: str) -> None:
    """Raise what its state says against an action."""
    discussion = found.discussion
    code = refusal(
        action,
        kind=discussion.kind,
        status=discussion.status,
        causes=discussion.causes,
        as_=found.as_,
        pinned=discussion.pinned_until is not None,
        featured=discussion.featured_at is not None,
        unnamed=is_mask(discussion.author_id),
        dissolved=found.dissolved,
    )
    if code is not None:
        if code == NOT_MERGEABLE:
            raise problems.NOT_MERGEABLE()
        raise refused(code, state=DISSOLVED if found.dissolved else shown_status(discussion))


async def tell_updated(work: Work, found: Seen) -> None:
    """Count and tell a change of what a discussion says or of its status; of one that is not published yet nobody knows."""
    discussion = found.discussion
    discussion.version += 1
    if not UNSEEN.intersection(discussion.causes):
        message = DiscussionUpdated(**state_of(discussion, found.standing.community), status=discussion.status)
        await emit(work.session, message, version=discussion.bump(), occurred_at=work.now)


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
        group_id=discussion.group_id,
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
