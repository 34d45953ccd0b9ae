"""Hiding what a penalty was imposed for, and showing it again: each penalty is a live cause of its own beside all others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import context_of, moment_of
from chassis.penalties import KnownPenalty, LeftAlone, Step
from chassis.security.authority import Standing
from chassis.web.work import Work
from contracts.kinds import PIECES
from services.content.articles import reviewing as articles
from services.content.articles.access import SeenArticle
from services.content.articles.models import Article
from services.content.discussions import moderating as discussions
from services.content.discussions.access import Seen, as_seen
from services.content.discussions.models import Discussion
from services.content.ideas import removing as ideas
from services.content.ideas.access import SeenIdea
from services.content.ideas.models import Idea
from services.content.penalties.rules import Thing, cause_of, hidden_by, still_hidden, with_cause
from services.content.replies import removing as replies
from services.content.replies.access import SeenReply
from services.content.replies.models import Reply

Row = TypeVar("Row", Discussion, Article, Idea)

MODERATOR: Final = "moderator"
TOLD: Final = MODERATOR
"""What messages say of why: that somebody was punished is nobody's business who reads the open topic."""


_TABLES: Final[Mapping[str, Any]] = {"discussion": Discussion, "reply": Reply, "article": Article, "idea": Idea}


async def apply(session: AsyncSession, step: Step) -> tuple[dict[str, int], list[LeftAlone]]:
    """Hide what a penalty hides now and did not before, and the reverse; answers how much of each kind, and what stays hidden, and why.

    It goes by the greatest revision alone: so their order says nothing, and a doubled one does nothing. Whoever reports names a thing, and
    nobody in membership knows whose it is: what the member did not write, or not in this community, is unknown.
    """
    before, now = (hidden_by(one.objects, undone=one.undone) for one in (step.before, step.now))
    counts: Counter[str] = Counter()
    left: list[LeftAlone] = []
    for thing in await _in_order(session, before ^ now):
        causes = await _turn(session, thing, cause_of(step.now.id), live=thing in now, of=step.now)
        kind, key = thing
        if causes is None:
            left.append(LeftAlone(kind, key, "unknown"))
            continue
        hidden = still_hidden(causes)
        if thing in now:
            counts[f"{kind}.removed"] += 1
        elif hidden is None:
            counts[f"{kind}.restored"] += 1
        else:
            left.append(LeftAlone(kind, key, hidden))
    return dict(counts), left


async def give_back(session: AsyncSession, granted: Mapping[tuple[str, UUID], datetime]) -> None:
    """Take the moderator's cause from these things, and none else: who removed one again after that moment has decided anew."""
    things = [(kind, key) for kind, key in granted if kind in PIECES]
    for kind, key in await _in_order(session, things):
        row = await session.get(_TABLES[kind], key)
        if row is not None and row.removed_at is not None and row.removed_at <= granted[kind, key]:
            await _turn(session, (kind, key), MODERATOR, live=False)


async def _in_order(session: AsyncSession, things: Iterable[Thing]) -> list[Thing]:
    """As everybody locks them: discussions in the order of their ids, each before its replies; what is unknown last."""
    some = list(things)
    reply_ids = [key for kind, key in some if kind == "reply"]
    roots: dict[UUID, UUID] = {}
    if reply_ids:
        found = select(col(Reply.id), col(Reply.discussion_id)).where(among(session, col(Reply.id), reply_ids))
        roots = {row.id: row.discussion_id for row in await session.execute(found)}
    return sorted(some, key=lambda one: (roots.get(one[1], one[1]), one[0] == "reply", one[1]))


async def _turn(
    session: AsyncSession, thing: Thing, cause: str, *, live: bool, of: KnownPenalty | None = None
) -> Sequence[str] | None:
    """Give a piece this cause, or take it away; answers which it has then, None where there is no such piece, or none of whom a penalty is of."""
    kind, key = thing
    work = Work(session, moment_of(session))
    action: Literal["remove", "restore"] = "remove" if live else "restore"
    match kind:
        case "discussion":
            row = await _locked(session, Discussion, key)
            if row is None or not _concerns(of, row.community_id, [row.author_id], cause in row.causes):
                return None
            found = await _seen(work, row)
            if (causes := with_cause(row.causes, cause, live=live)) != row.causes:
                await discussions.turn(work, found, causes, action, TOLD)
            return row.causes
        case "reply":
            return await _turn_reply(work, key, cause, live=live, of=of)
        case "article":
            article = await _locked(session, Article, key)
            if article is None or not _concerns(
                of, article.community_id, map(UUID, article.author_ids), cause in article.causes
            ):
                return None
            if (causes := with_cause(article.causes, cause, live=live)) != article.causes:
                of_article = SeenArticle(article, await _nobody(work, article.community_id))
                await articles.turn(work, of_article, causes, action)
            return article.causes
        case "idea":
            idea = await _locked(session, Idea, key)
            if idea is None or not _concerns(of, idea.community_id, [idea.author_id], cause in idea.causes):
                return None
            if (causes := with_cause(idea.causes, cause, live=live)) != idea.causes:
                of_idea = SeenIdea(idea, await _nobody(work, idea.community_id))
                await ideas.turn(work, of_idea, causes, action, TOLD)
            return idea.causes


def _concerns(of: KnownPenalty | None, community_id: UUID, authors: Iterable[UUID], hidden: bool) -> bool:
    """Whether a penalty hides such a piece: one of its member's in its community. What it hides already it shows again, whosesoever it is."""
    return of is None or hidden or (community_id == of.community_id and of.member_id in authors)


async def _turn_reply(
    work: Work, key: UUID, cause: str, *, live: bool, of: KnownPenalty | None
) -> Sequence[str] | None:
    noted = await work.session.get(Reply, key)
    while noted is not None:
        discussion = await work.session.get_one(
            Discussion, noted.discussion_id, with_for_update=True, populate_existing=True
        )
        reply = await work.session.get_one(Reply, key, with_for_update=True, populate_existing=True)
        if reply.discussion_id == discussion.id:
            if not _concerns(of, discussion.community_id, [reply.author_id], cause in reply.causes):
                return None
            found = SeenReply(reply, await _seen(work, discussion))
            if (causes := with_cause(reply.causes, cause, live=live)) != reply.causes:
                await replies.turn(work, found, causes, "remove" if live else "restore", TOLD)
            return reply.causes
        # It went with a duplicate meanwhile: the other has to be locked.
        noted = reply
    return None


async def _locked(session: AsyncSession, kind: type[Row], key: UUID) -> Row | None:
    return await session.get(kind, key, with_for_update=True, populate_existing=True)


async def _seen(work: Work, discussion: Discussion) -> Seen:
    return await as_seen(work.session, discussion, await _nobody(work, discussion.community_id))


async def _nobody(work: Work, community_id: UUID) -> Standing:
    """What nobody in particular is in a community: what happens there by itself."""
    authority = context_of(work.session).runtime.authority
    facts = await authority.facts(work.session, person_id=None, community_id=community_id, guarded=False, now=work.now)
    if facts is None:
        raise LookupError("no such community")
    return Standing(community=facts.community, member=None, columns=frozenset())
