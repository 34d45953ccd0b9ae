"""What moderators decide about, by kind: who sees it, what it says, and what becomes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from chassis.database.rows import existing
from chassis.ids import COMPANY
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from contracts.fields import ContentObject
from services.content.articles import held as held_articles
from services.content.articles import reviewing as articles
from services.content.articles.access import SeenArticle, is_among, seen_article
from services.content.articles.models import ArticleVersion
from services.content.articles.service import latest
from services.content.articles.service import text_of as article_text
from services.content.company import standing_of as company_standing
from services.content.discussions import moderating as discussions
from services.content.discussions import service as discussing
from services.content.discussions import texts as discussion_texts
from services.content.discussions.access import Seen, is_by, seen
from services.content.discussions.models import Discussion, DiscussionText
from services.content.holding.models import ModerationItem
from services.content.holding.service import HERE
from services.content.ideas import removing as ideas
from services.content.ideas import service as proposing
from services.content.ideas.access import SeenIdea, seen_idea
from services.content.ideas.models import Idea, IdeaText
from services.content.moderation.judging import answer
from services.content.moderation.models import JudgedText
from services.content.moderation.rules import HREFS, Verdict
from services.content.replies import removing as replies
from services.content.replies import service as replying
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.models import Reply

Follow = Callable[[ModerationItem, Verdict, dict[str, Any]], Awaitable[None]]
Told = tuple[ContentObject, dict[str, Any], Standing]


@dataclass(frozen=True, slots=True)
class Thing:
    """What an item is about, locked, and what the caller is where it stands.

    `mine`: it is theirs, or stands in their own unnamed question. `gone`: it would not be seen though it were released. `follow`: what becomes of it by a verdict, given the item and the text as it is
    released.
    """

    standing: Standing
    mine: bool
    gone: bool
    follow: Follow


def href_of(kind: str, key: UUID) -> str:
    """The path of the operation that shows a thing."""
    return HREFS.get(kind, "").format(key)


def wrote(standing: Standing, item: ModerationItem) -> bool:
    """Whether the caller is among those who wrote it: they decide nothing about it."""
    return is_by(standing, item.author_id) or is_among(standing, item.author_ids)


async def thing_of(work: Work, item: ModerationItem) -> Thing:
    """What an item is about. Raises `NOT_FOUND`."""
    if item.service != HERE:
        return await _of_another(work, item)
    if item.kind == "discussion":
        return _discussion(work, await seen(work, item.object_id, lock=True))
    if item.kind == "article":
        return _article(work, await seen_article(work, item.object_id, lock=True))
    if item.kind == "idea":
        return _idea(work, await seen_idea(work, item.object_id, lock=True))
    return _reply(work, await seen_reply(work, item.object_id, lock=True))


async def reported(work: Work, kind: str, key: UUID) -> Told:
    """What is reported, locked, what it says, and what the caller is where it stands. Raises `NOT_FOUND`."""
    if kind == "article":
        return await _reported_article(work, key)
    if kind == "idea":
        return await _reported_idea(work, key)
    if kind == "discussion":
        found = await seen(work, key, lock=True)
        if found.discussion.causes:
            raise NOT_FOUND()
        text = await work.session.get_one(DiscussionText, found.discussion.id)
        return (
            discussion_texts.about(found.discussion),
            discussion_texts.text_of(found.discussion, text),
            found.standing,
        )
    one = await seen_reply(work, key, lock=True)
    if one.reply.causes or one.thread.discussion.causes:
        raise NOT_FOUND()
    return replying.about(one.reply), {"body": one.reply.body}, one.thread.standing


# --- discussions ---------------------------------------------------------------------------------------------------


def _discussion(work: Work, found: Seen) -> Thing:
    discussion = found.discussion

    async def row() -> DiscussionText:
        return await work.session.get_one(DiscussionText, discussion.id)

    async def write(text: dict[str, Any]) -> None:
        await discussing.write(work, found, await row(), text)

    async def drop() -> None:
        await discussing.drop_waiting(work, discussion, await row())

    follow = _following(discussion, write, drop, partial(discussions.turn, work, found))
    return Thing(found.unmasked, found.mine, False, follow)


# --- replies -------------------------------------------------------------------------------------------------------


def _reply(work: Work, found: SeenReply) -> Thing:
    reply, thread = found.reply, found.thread

    async def write(text: dict[str, Any]) -> None:
        await replying.write(work, reply, text["body"])

    async def drop() -> None:
        await replying.drop_waiting(work, reply)

    follow = _following(reply, write, drop, partial(replies.turn, work, found))
    return Thing(thread.unmasked, found.mine or thread.is_unnamed, bool(thread.discussion.causes), follow)


# --- articles ------------------------------------------------------------------------------------------------------


async def _reported_article(work: Work, key: UUID) -> Told:
    found = await seen_article(work, key, lock=True)
    article = found.article
    if article.causes or article.published_at is None:
        raise NOT_FOUND()
    version = await work.session.get_one(ArticleVersion, (article.id, article.number))
    return held_articles.about(article), article_text(version), found.standing


def _article(work: Work, found: SeenArticle) -> Thing:
    article = found.article

    async def follow(item: ModerationItem, verdict: Verdict, text: dict[str, Any]) -> None:
        if item.held and article.working == "held":
            await _decided(work, found, item, verdict, text)
        if verdict == "remove" and item.text_before is None:
            await articles.turn(work, found, _and_moderator(article.causes), "remove")

    return Thing(found.standing, found.mine, False, follow)


async def _decided(
    work: Work, found: SeenArticle, item: ModerationItem, verdict: Verdict, text: dict[str, Any]
) -> None:
    article, by = found.article, found.standing.member_id
    version = await work.session.get_one(ArticleVersion, (article.id, latest(article)))
    if verdict == "release" and item.edited and by is not None:
        await held_articles.write(work, article, version, text, by)
    if verdict == "release" and not article.causes:
        await articles.go_on(work, article, version)
    else:
        held_articles.give_back(article, version)


# --- texts of other services ---------------------------------------------------------------------------------------


async def _of_another(work: Work, item: ModerationItem) -> Thing:
    """What is decided its service hears by message."""
    row = await existing(work.session, JudgedText, item.object_id, lock=True)
    if work.permission is None:
        raise TypeError("an operation that decides declares a permission")
    if item.community_id == COMPANY:
        standing = company_standing(work)
    else:
        standing = await authorize(work.session, work.caller, work.permission, item.community_id, now=work.now)

    async def follow(_item: ModerationItem, verdict: Verdict, _text: dict[str, Any]) -> None:
        row.verdict, row.decided_at = verdict, work.now
        await answer(work.session, row, work.now)

    return Thing(standing, False, False, follow)


# --- ideas ---------------------------------------------------------------------------------------------------------


async def _reported_idea(work: Work, key: UUID) -> Told:
    found = await seen_idea(work, key, lock=True)
    if found.idea.causes:
        raise NOT_FOUND()
    text = await work.session.get_one(IdeaText, key)
    return proposing.about(found.idea), proposing.text_of(found.idea, text), found.standing


def _idea(work: Work, found: SeenIdea) -> Thing:
    idea = found.idea

    async def row() -> IdeaText:
        return await work.session.get_one(IdeaText, idea.id)

    async def write(text: dict[str, Any]) -> None:
        await proposing.write(work, idea, await row(), text)

    async def drop() -> None:
        await proposing.drop_waiting(work, idea, await row())

    return Thing(found.standing, found.mine, False, _following(idea, write, drop, partial(ideas.turn, work, found)))


# --- what has no versions ------------------------------------------------------------------------------------------


def _following(
    thing: Discussion | Reply | Idea,
    write: Callable[[dict[str, Any]], Awaitable[None]],
    drop: Callable[[], Awaitable[None]],
    turn: Callable[[list[str], str, str], Awaitable[Any]],
) -> Follow:
    """What becomes of a text that members see as soon as nothing hides it.

    `write` lets it say something, `drop` forgets an edit that waits, `turn` gives it other causes: by which action, and which cause came or
    went.
    """

    async def follow(item: ModerationItem, verdict: Verdict, text: dict[str, Any]) -> None:
        if verdict == "return":
            return
        others = _others(thing.causes)
        if verdict == "release":
            if item.held or item.edited:
                await write(text)
            if "hold" in thing.causes:
                await turn(others, "release", "hold")
        elif item.text_before is not None:
            await drop()
            thing.version += 1
        else:
            await turn(_and_moderator(others), "remove", "moderator")

    return follow


def _others(causes: list[str]) -> list[str]:
    return [cause for cause in causes if cause != "hold"]


def _and_moderator(causes: list[str]) -> list[str]:
    return causes if "moderator" in causes else [*causes, "moderator"]
