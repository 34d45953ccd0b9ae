"""What lines of an archive make: discussions, replies, articles and reactions."""

from typing import Any

from chassis.imports import RowRefused
from chassis.messaging.outbox import Outgoing
from chassis.projections.members import KnownMember
from contracts.content import AnswerAccepted, DiscussionStarted, ReactionAdded
from contracts.fields import ContentObject
from services.content.archives.lines import Entry
from services.content.archives.past import KINDS, Past, Text, Thing, moment
from services.content.articles import held
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.service import let_read
from services.content.discussions import texts
from services.content.discussions.models import Discussion, DiscussionText
from services.content.discussions.publishing import state_of
from services.content.markdown import Rendered
from services.content.reactions.models import Reaction
from services.content.reactions.service import counted, message_of
from services.content.replies import service as replying
from services.content.replies.models import Reply
from services.content.replies.removing import removal_of
from services.content.replies.rules import digest_of


def start(past: Past, item: Entry, author: KnownMember, shown: Rendered) -> None:
    """A question."""
    discussion = Discussion(
        community_id=past.community_id,
        kind="question",
        title=item.title,
        excerpt=shown.excerpt,
        tags=list(item.tags or ()),
        author_id=author.id,
        created_at=item.at,
        seen_since=item.at,
        past_upto=0,
        last_activity_at=item.at,
    )
    text = DiscussionText(discussion_id=discussion.id, body=item.body, body_html=shown.html)
    past.discussions[discussion.id] = past.tagged[discussion.id] = discussion
    past.texts[discussion.id] = text
    past.new.append(discussion)
    past.new_below.append(text)
    told = DiscussionStarted(**state_of(discussion, past.community))
    past.tell("made", Outgoing(told, discussion.bump(), item.at))
    past.say(discussion, shown.plain)
    past.keep(item, discussion)


def reply(past: Past, item: Entry, author: KnownMember, shown: Rendered, thing: Thing) -> None:
    """An answer to a discussion, or a comment on a discussion or an answer. Raises `RowRefused`."""
    if isinstance(thing, Article | Reaction):
        raise RowRefused("not_below_this")
    parent = thing if isinstance(thing, Reply) else None
    if parent is not None and (item.kind == "reply" or parent.kind == "comment"):
        raise RowRefused("not_below_this")
    discussion = past.end_of(past.discussions[thing.discussion_id if isinstance(thing, Reply) else thing.id])
    if item.accepted and discussion.accepted_reply_id is not None:
        raise RowRefused("accepted_twice")
    one = Reply(
        community_id=past.community_id,
        discussion_id=discussion.id,
        parent_reply_id=parent.id if parent is not None else None,
        kind="answer" if item.kind == "reply" else "comment",
        author_id=author.id,
        body=item.body,
        body_html=shown.html,
        digest=digest_of(item.body),
        position=discussion.last_position + 1,
        with_discussion=discussion.removed_at is not None,
        past=True,
        created_at=item.at,
    )
    past_upto = discussion.last_position
    first = replying.append(discussion, parent, one, item.at)
    if discussion.past_upto == past_upto:
        discussion.past_upto = one.position
    told = replying.posted(one, discussion, past.community.visibility, shown, first_by_other=first)
    past.replies[one.id] = one
    past.new_below.append(one)
    past.tell("made", Outgoing(told, one.bump(), item.at))
    if item.accepted and one.kind == "answer":
        _accept(past, discussion, one)
    if discussion.removed_at is not None:
        # Nobody sees it without its discussion.
        past.tell("shown", removal_of(one, "parent", max(discussion.removed_at, item.at)))
    past.say(one, shown.plain)
    past.keep(item, one)


def _accept(past: Past, discussion: Discussion, answer: Reply) -> None:
    """As its asker would have, when it was given."""
    discussion.accepted_reply_id = answer.id
    told = AnswerAccepted(
        community_id=past.community_id,
        discussion_id=discussion.id,
        reply_id=answer.id,
        asker_id=discussion.author_id,
        answerer_id=answer.author_id,
        accepted_by=discussion.author_id,
        tags=tuple(discussion.tags),
    )
    past.tell("helped", Outgoing(told, answer.bump(), answer.created_at))


def publish(past: Past, item: Entry, author: KnownMember, shown: Rendered) -> None:
    """An article, in the version that was read first."""
    said: dict[str, Any] = {
        "title": item.title,
        "summary": item.summary or "",
        "excerpt": shown.excerpt,
        "tags": list(item.tags or ()),
        "visibility": past.community.visibility,
        "author_ids": [str(author.id)],
    }
    article = Article(
        community_id=past.community_id, kind=item.article_kind, created_at=item.at, dated_at=item.at, **said
    )
    version = ArticleVersion(
        article_id=article.id,
        number=1,
        body=item.body,
        body_html=shown.html,
        editor_ids=[str(author.id)],
        edited_by=author.id,
        edited_at=item.at,
        **said,
    )
    past.articles[article.id] = article
    past.versions[article.id] = version
    past.new.append(article)
    past.new_below.append(version)
    past.tell(*let_read(article, version, item.at))
    past.say(article, shown.plain)
    past.keep(item, article)


def react(past: Past, item: Entry, by: KnownMember, thing: Thing) -> str:
    """A reaction to any of these; given again it is the same one. Raises `RowRefused`."""
    if isinstance(thing, Reaction):
        raise RowRefused("not_below_this")
    key, at = (by.id, thing.id, item.reaction), moment(item, thing)
    reaction = past.reactions.get(key)
    if reaction is not None and (reaction.given or reaction.changed_at > at):
        past.keep(item, reaction)
        return "unchanged"
    new = reaction is None
    if reaction is None:
        reaction = Reaction(
            community_id=past.community_id,
            member_id=by.id,
            object_kind=KINDS[type(thing)],
            object_id=thing.id,
            reaction=item.reaction,
            created_at=at,
            changed_at=at,
        )
        past.reactions[key] = reaction
        past.new.append(reaction)
    reaction.given, reaction.changed_at = True, at
    thing.reactions = counted(thing.reactions, reaction.reaction, 1)
    told = message_of(ReactionAdded, reaction, about(thing), past.root_of(thing).tags)
    past.tell("made" if new else "shown", Outgoing(told, reaction.bump(), at))
    past.keep(item, reaction)
    return "created" if new else "changed"


def about(thing: Text) -> ContentObject:
    """A thing as messages name it."""
    if isinstance(thing, Discussion):
        return texts.about(thing)
    return replying.about(thing) if isinstance(thing, Reply) else held.about(thing)
