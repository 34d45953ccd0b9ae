"""What lines of an archive change: texts are edited, things deleted and restored. What happened to a thing later stays."""

from datetime import datetime

from chassis.imports import RowRefused
from chassis.messaging.outbox import Outgoing
from chassis.projections.members import KnownMember
from contracts.content import (
    ArticleRemoved,
    ArticleRestored,
    ContentRemoval,
    DiscussionRemoved,
    DiscussionRestored,
    DiscussionUpdated,
    ReactionAdded,
    ReactionRemoved,
)
from services.content import removal
from services.content.archives.lines import Entry
from services.content.archives.making import about
from services.content.archives.past import Past, Text, Thing, moment
from services.content.articles.models import Article
from services.content.articles.service import begun, let_read
from services.content.discussions.models import Discussion
from services.content.discussions.publishing import state_of
from services.content.discussions.rules import Cause
from services.content.markdown import LONGEST_BODY, Rendered
from services.content.reactions.models import Reaction
from services.content.reactions.service import counted, message_of
from services.content.replies.models import Reply
from services.content.replies.removing import removal_of
from services.content.replies.rules import digest_of
from services.content.replies.service import count_in, count_out


def edit(past: Past, item: Entry, by: KnownMember, shown: Rendered | None, thing: Thing) -> bool:
    """Have a thing say something else; says whether it does. Raises `RowRefused`."""
    if isinstance(thing, Reaction):
        raise RowRefused("not_below_this")
    taken = {"body"} if isinstance(thing, Reply) else {"title", "body", "tags"}
    if isinstance(thing, Article):
        taken.add("summary")
    elif len(item.body) > LONGEST_BODY:
        raise RowRefused("too_long_here", most=LONGEST_BODY)
    if foreign := [name for name in item.changes if name not in taken]:
        raise RowRefused("not_taken", field=foreign[0])
    at = moment(item, thing)
    if thing.edited_at is not None and thing.edited_at > at:
        return False
    if isinstance(thing, Reply):
        _edit_reply(past, item, thing, shown, at)
    elif isinstance(thing, Discussion):
        _edit_discussion(past, item, thing, shown, at)
    elif thing.status != "published" or thing.working is not None:
        # Somebody has decided or is writing something since.
        return False
    else:
        _edit_article(past, item, by, thing, shown, at)
    return True


def _edit_reply(past: Past, item: Entry, reply: Reply, shown: Rendered | None, at: datetime) -> None:
    if shown is None:
        return
    reply.body, reply.body_html, reply.digest, reply.mentions = item.body, shown.html, digest_of(item.body), []
    reply.edited_at = at
    reply.version += 1
    past.say(reply, shown.plain)


def _edit_discussion(past: Past, item: Entry, discussion: Discussion, shown: Rendered | None, at: datetime) -> None:
    if item.title:
        discussion.title = item.title
    if item.tags is not None:
        discussion.tags = list(item.tags)
        past.tagged[discussion.id] = discussion
    if shown is not None:
        text = past.texts[discussion.id]
        text.body, text.body_html = item.body, shown.html
        discussion.excerpt, discussion.mentions = shown.excerpt, []
    discussion.edited_at = at
    discussion.version += 1
    told = DiscussionUpdated(**state_of(discussion, past.community), status=discussion.status)
    past.tell(None, Outgoing(told, discussion.bump(), at))
    past.say(discussion, shown.plain if shown is not None else None)


def _edit_article(
    past: Past, item: Entry, by: KnownMember, article: Article, shown: Rendered | None, at: datetime
) -> None:
    version = begun(article, past.versions[article.id])
    version.edited_by, version.edited_at, version.editor_ids = by.id, at, [str(by.id)]
    if item.title:
        version.title = item.title
    if item.summary is not None:
        version.summary = item.summary
    if item.tags is not None:
        version.tags = list(item.tags)
    if shown is not None:
        version.body, version.body_html, version.excerpt = item.body, shown.html, shown.excerpt
        version.mentions = []
    past.versions[article.id] = version
    past.new_below.append(version)
    past.tell(*let_read(article, version, at))
    # Its summary is found with its text.
    past.say(article, shown.plain if shown is not None else None)


def delete(past: Past, item: Entry, by: KnownMember, thing: Thing) -> bool:
    """Take a thing away, as its author or as a moderator; says whether that changes anything. Raises `RowRefused`."""
    at = moment(item, thing)
    if isinstance(thing, Reaction):
        return _give(past, by, thing, at, given=False)
    cause = _as(by, thing)
    restored_since = isinstance(thing, Discussion) and thing.seen_since > at
    if cause in thing.causes or restored_since:
        return False
    _turn(past, thing, [*thing.causes, cause], cause, at)
    return True


def restore(past: Past, item: Entry, by: KnownMember, thing: Thing) -> bool:
    """Bring back what was deleted before; says whether that changes anything. Raises `RowRefused`."""
    at = moment(item, thing)
    if isinstance(thing, Reaction):
        return _give(past, by, thing, at, given=True)
    cause = _as(by, thing)
    if cause not in thing.causes or thing.removed_at is None or thing.removed_at > at:
        return False
    _turn(past, thing, [one for one in thing.causes if one != cause], cause, at)
    return True


def _as(by: KnownMember, thing: Text) -> Cause:
    mine = str(by.id) in thing.author_ids if isinstance(thing, Article) else by.id == thing.author_id
    return "author" if mine else "moderator"


def _give(past: Past, by: KnownMember, reaction: Reaction, at: datetime, *, given: bool) -> bool:
    if by.id != reaction.member_id:
        raise RowRefused("not_theirs")
    if reaction.given == given or reaction.changed_at > at:
        return False
    thing = past.object_of(reaction)
    reaction.given, reaction.changed_at = given, at
    thing.reactions = counted(thing.reactions, reaction.reaction, 1 if given else -1)
    kind = ReactionAdded if given else ReactionRemoved
    told = message_of(kind, reaction, about(thing), past.root_of(thing).tags)
    past.tell("shown", Outgoing(told, reaction.bump(), at))
    return True


def _turn(past: Past, thing: Text, causes: list[str], cause: Cause, at: datetime) -> None:
    """As who removes and restores does it, at its own time."""
    if not removal.caused(thing, causes, at):
        return
    past.turned[thing.id] = thing
    if isinstance(thing, Reply):
        _count(past, thing)
        if not thing.with_discussion:
            past.tell("shown", removal_of(thing, cause, at))
        return
    kinds: tuple[type[ContentRemoval], type[ContentRemoval]]
    if isinstance(thing, Discussion):
        kinds = DiscussionRemoved, DiscussionRestored
        thing.seen_since = thing.seen_since if removal.is_removed(causes) else at
    else:
        kinds = ArticleRemoved, ArticleRestored
    past.tell("shown", removal.told(kinds[not removal.is_removed(causes)], about(thing), thing, cause, at))


def _count(past: Past, reply: Reply) -> None:
    discussion, parent = past.discussions[reply.discussion_id], past.parent_of(reply)
    if discussion.accepted_reply_id == reply.id:
        discussion.accepted_removed = bool(reply.causes)
    if not reply.causes:
        count_in(discussion, parent, reply)
    elif count_out(discussion, parent, reply):
        past.without_last[discussion.id] = discussion
