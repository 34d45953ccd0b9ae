"""Use cases of ideas: proposing one and changing what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing
from chassis.problems import NOT_FOUND, refused
from chassis.projections.workdays import work_calendar
from chassis.security.authority import CommunityFacts, authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from chassis.working_time import due_after
from contracts.fields import ContentObject
from contracts.ideas import IdeaProposed
from services.content.attachments.naming import keep_named
from services.content.attachments.occasions import Named
from services.content.deeds.service import deeds
from services.content.discussions.schemas import shown_status
from services.content.holding.service import hold, mended
from services.content.ideas.access import SeenIdea, seen_idea
from services.content.ideas.models import Idea, IdeaTag, IdeaText
from services.content.ideas.occasions import Said, idea_said
from services.content.ideas.rules import DAYS_TO_ANSWER, Decision, refusal
from services.content.ideas.schemas import IdeaPatch, IdeaPropose
from services.content.markdown import rendered
from services.content.mentions import mentioned
from services.content.newcomers import refuse_newcomer
from services.content.permissions import CONTENT_EDIT, IDEAS_PROPOSE
from services.content.scanning.scanners import judged

TEXT = {"title", "body", "tags", "resources"}
MOST_IN_FIRST_DAY = 3
"""How many ideas people from outside propose in it."""
_PROPOSED: Prepared[int] = Prepared(
    select(func.count()).where(
        col(Idea.author_id) == bindparam("author_id"), col(Idea.created_at) >= bindparam("since")
    )
)


async def propose(work: Work, body: IdeaPropose) -> SeenIdea:
    """Propose an idea. Raises `TEXT_REFUSED`, `FIRST_DAY_FULL`; what a list holds waits for a moderator."""
    standing = await authorize(work.session, work.caller, IDEAS_PROPOSE, body.community_id, own=True, now=work.now)
    await refuse_newcomer(work, standing, _PROPOSED, MOST_IN_FIRST_DAY)
    written = body.model_dump(include=TEXT)
    verdict = await judged(work.session, body.community_id, as_text(written))
    if standing.member_id is None:
        raise NOT_FOUND()
    text = rendered(body.body)
    html, mentions = await mentioned(work, body.community_id, text)
    idea = Idea(
        community_id=body.community_id,
        title=body.title,
        excerpt=text.excerpt,
        resources=body.resources,
        tags=body.tags,
        mentions=mentions,
        author_id=standing.member_id,
        created_at=work.now,
    )
    work.session.add(idea)
    await work.session.flush()
    work.session.add(IdeaText(idea_id=idea.id, body=body.body, body_html=html))
    await _write_tags(work.session, idea)
    await keep_named(work, naming(idea), body.body)
    if verdict.holds:
        idea.causes, idea.removed_at = ["hold"], work.now
        await hold(work.session, idea.community_id, about(idea), verdict, written, work.now)
    else:
        await publish(work.session, idea, standing.community, work.now)
    await idea_said.happened(work.session, Said(idea, text.plain))
    return SeenIdea(idea, standing)


async def publish(session: AsyncSession, idea: Idea, community: CommunityFacts, at: datetime) -> None:
    """Have members see it for the first time, and tell so; it is new, or locked."""
    idea.created_at = at
    calendar = await work_calendar(session)
    idea.answer_due_at = due_after(at, DAYS_TO_ANSWER, time_zone=community.time_zone, is_workday=calendar.is_workday)
    await deeds.tell(session, "made", [Outgoing(IdeaProposed(**state_of(idea)), idea.bump(), at)])


async def edit(work: Work, key: UUID, body: IdeaPatch, if_match: int) -> SeenIdea:
    """Change what the caller proposed. What a list holds waits; meanwhile others read what was there."""
    found = await seen_idea(work, key, lock=True, of=CONTENT_EDIT)
    idea = found.idea
    require_match(idea.version, if_match)
    refuse(found, "update")
    text = await work.session.get_one(IdeaText, idea.id)
    before = text_of(idea, text)
    after = before | (text.waiting or {}) | body.model_dump(exclude_unset=True, include=TEXT)
    if after == before and text.waiting is None:
        return found
    verdict = await judged(work.session, idea.community_id, as_text(after))
    released, waits = False, not idea.causes
    if verdict.holds:
        told = before if waits else None
        await hold(work.session, idea.community_id, about(idea), verdict, after, work.now, before=told)
    else:
        released = await mended(work.session, idea.id, after, work.now)
        waits = waits and not released
    if waits:
        await _let_wait(work, idea, text, after)
        return found
    await write(work, idea, text, after)
    if released and "hold" in idea.causes:
        idea.causes = [cause for cause in idea.causes if cause != "hold"]
        if not idea.causes:
            idea.removed_at = None
            await publish(work.session, idea, found.standing.community, work.now)
            await idea_said.happened(work.session, Said(idea, None))
    return found


async def _let_wait(work: Work, idea: Idea, text: IdeaText, after: dict[str, Any]) -> None:
    before = (text.waiting or {}).get("body")
    await keep_named(work, naming(idea), text.body, also=[after["body"]], before=[text.body, before])
    text.waiting = after
    idea.version += 1


async def drop_waiting(work: Work, idea: Idea, text: IdeaText) -> None:
    """Forget an edit of a locked idea that waits, with what it alone names."""
    if text.waiting is not None:
        await keep_named(work, naming(idea), text.body, before=[text.body, text.waiting["body"]])
        text.waiting = None


def naming(idea: Idea) -> Named:
    """An idea as what names files."""
    return Named("idea", idea.id, idea.community_id, shown=True)


async def write(work: Work, idea: Idea, text: IdeaText, written: Mapping[str, Any]) -> None:
    """Let a locked idea say this."""
    await keep_named(work, naming(idea), written["body"], before=[text.body, (text.waiting or {}).get("body")])
    text.waiting = None
    idea.version += 1
    values = {name: written[name] for name in ("title", "tags", "resources")}
    changes = changed_by(values, idea)
    plain = None
    if written["body"] != text.body:
        shown = rendered(written["body"])
        plain = shown.plain
        html, mentions = await mentioned(work, idea.community_id, shown)
        text.body, text.body_html = written["body"], html
        values |= {"excerpt": shown.excerpt, "mentions": mentions}
    elif not changes:
        return
    idea.sqlmodel_update(values | {"edited_at": work.now})
    if "tags" in changes:
        await work.session.execute(delete(IdeaTag).where(col(IdeaTag.idea_id) == idea.id))
        await _write_tags(work.session, idea)
    await idea_said.happened(work.session, Said(idea, plain))


def text_of(idea: Idea, text: IdeaText) -> dict[str, Any]:
    """What others read of it."""
    return {"title": idea.title, "body": text.body, "tags": list(idea.tags), "resources": idea.resources}


def as_text(written: Mapping[str, Any]) -> dict[str, str]:
    """What its author wrote, as it is scanned."""
    return {name: written[name] for name in ("title", "body", "resources")} | {"tags": "\n".join(written["tags"])}


def about(idea: Idea) -> ContentObject:
    """An idea as messages name it."""
    return ContentObject(kind="idea", id=idea.id, root_id=idea.id, author_ids=(idea.author_id,))


def state_of(idea: Idea) -> dict[str, Any]:
    """What its messages say of an idea."""
    return {
        "community_id": idea.community_id,
        "idea_id": idea.id,
        "title": idea.title,
        "tags": tuple(idea.tags),
        "author_ids": (idea.author_id,),
    }


def refused_by(found: SeenIdea, action: str, to: Decision | None = None) -> str | None:
    """What its state says against an action."""
    return refusal(action, status=found.idea.status, causes=found.idea.causes, as_=found.as_, to=to)


def refuse(found: SeenIdea, action: str, to: Decision | None = None) -> None:
    """Raise what its state says against an action."""
    code = refused_by(found, action, to)
    if code is not None:
        raise refused(code, state=shown_status(found.idea))


async def _write_tags(session: AsyncSession, idea: Idea) -> None:
    rows = [{"idea_id": idea.id, "tag": tag, "community_id": idea.community_id} for tag in idea.tags]
    await insert_many(session, IdeaTag.__table__, rows)  # type: ignore[attr-defined]
