"""A step of an archive: what its lines become, and writing that down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.database.bulk import among, insert_many
from chassis.imports import Batch, RowRefused
from chassis.messaging.outbox import Outgoing
from chassis.projections.communities import known_community
from chassis.projections.members import KnownMember
from chassis.projections.numbers import members_by_number
from contracts.content import AnswerAccepted, DiscussionStarted
from services.content.archives.lines import PARENT, Entry
from services.content.archives.models import ArchiveLine
from services.content.deeds.service import tell_deeds
from services.content.discussions.models import Discussion, DiscussionTag, DiscussionText
from services.content.discussions.occasions import Said, discussion_said
from services.content.discussions.publishing import state_of
from services.content.markdown import Rendered
from services.content.replies.models import Reply
from services.content.replies.occasions import ReplyWritten, reply_written
from services.content.replies.removing import removal_of
from services.content.replies.rules import digest_of
from services.content.replies.service import append, posted

Thing = Discussion | Reply


@dataclass
class Taken:
    """What the lines of a step become."""

    lines: list[ArchiveLine] = field(default_factory=list)
    discussions: list[tuple[Discussion, DiscussionText, Rendered]] = field(default_factory=list)
    replies: list[tuple[Reply, Rendered]] = field(default_factory=list)
    made: list[Outgoing] = field(default_factory=list)
    accepted: list[Outgoing] = field(default_factory=list)
    unseen: list[Outgoing] = field(default_factory=list)
    """Of replies to what is removed, which nobody sees without it."""


class ArchiveBatch(Batch[Entry]):
    """Takes discussions, answers and comments in. The lines of a discussion come together, it first."""

    async def read(self, items: Sequence[Entry]) -> None:
        self._taken = Taken()
        self._members = await members_by_number(self.session, self.community_id, [item.author for item in items])
        community = await known_community(self.session, self.community_id)
        if community is None:
            # Then none of its members is known either.
            raise RuntimeError("an archive comes into a community that is not known")
        self._community = community
        refs = {item.ref for item in items} | {item.parent for item in items if item.parent is not None}
        lines = await self._lines(refs)
        self._known = set(lines)
        parents = {item.parent for item in items}
        await self._lock([line for ref, line in lines.items() if ref in parents])

    async def _lines(self, refs: set[str]) -> dict[str, ArchiveLine]:
        known = select(ArchiveLine).where(
            col(ArchiveLine.community_id) == self.community_id, among(self.session, col(ArchiveLine.source_ref), refs)
        )
        return {line.source_ref: line for line in (await self.session.execute(known)).scalars()}

    async def _lock(self, lines: Sequence[ArchiveLine]) -> None:
        """Lock what is replied to: the discussions, then the answers."""
        self._discussions: dict[UUID, Discussion] = {}
        self._things: dict[str, Thing] = {}
        if not lines:
            return
        roots = select(Discussion).where(among(self.session, col(Discussion.id), {line.root_id for line in lines}))
        answers = select(Reply).where(among(self.session, col(Reply.id), {line.object_id for line in lines}))
        locked_roots = await self.session.execute(self.locked(roots.order_by(col(Discussion.id))))
        self._discussions = {row.id: row for row in locked_roots.scalars()}
        locked_answers = await self.session.execute(self.locked(answers.order_by(col(Reply.id))))
        replies = {row.id: row for row in locked_answers.scalars()}
        for line in lines:
            self._things[line.source_ref] = (
                replies[line.object_id] if line.object_kind == "reply" else self._discussions[line.object_id]
            )

    def take(self, item: Entry) -> str:
        if item.ref in self._known:
            return "unchanged"
        author = self._author(item)
        if item.shown is None:
            raise RowRefused("too_tangled")
        if item.kind == "discussion":
            self._start(item, author, item.shown)
            return "created"
        if item.parent not in self._things:
            if self.job.params["dry_run"] and item.has_parent:
                # An earlier step would have written it.
                return "created"
            raise RowRefused("unknown_parent", ref=item.parent, field=PARENT[item.kind])
        self._reply(item, author, item.shown, self._things[item.parent])
        return "created"

    def _author(self, item: Entry) -> KnownMember:
        member = self._members.get(item.author_key)
        if member is None:
            raise RowRefused("unknown_author")
        if item.at > self.now:
            raise RowRefused("in_the_future")
        if item.at < member.joined_at:
            raise RowRefused("before_joining")
        return member

    def _start(self, item: Entry, author: KnownMember, shown: Rendered) -> None:
        discussion = Discussion(
            community_id=self.community_id,
            kind="question",
            title=item.title,
            excerpt=shown.excerpt,
            tags=list(item.tags),
            author_id=author.id,
            created_at=item.at,
            seen_since=item.at,
            last_activity_at=item.at,
        )
        text = DiscussionText(discussion_id=discussion.id, body=item.body, body_html=shown.html)
        self._discussions[discussion.id] = discussion
        self._taken.discussions.append((discussion, text, shown))
        told = DiscussionStarted(**state_of(discussion, self._community))
        self._taken.made.append(Outgoing(told, discussion.bump(), item.at))
        self._keep(item, discussion, discussion)

    def _reply(self, item: Entry, author: KnownMember, shown: Rendered, about: Thing) -> None:
        parent = about if isinstance(about, Reply) else None
        if parent is not None and (item.kind == "reply" or parent.kind == "comment"):
            raise RowRefused("not_below_this")
        discussion = self._discussions[about.discussion_id if isinstance(about, Reply) else about.id]
        if item.accepted and discussion.accepted_reply_id is not None:
            raise RowRefused("accepted_twice")
        reply = Reply(
            community_id=self.community_id,
            discussion_id=discussion.id,
            parent_reply_id=parent.id if parent is not None else None,
            kind="answer" if item.kind == "reply" else "comment",
            author_id=author.id,
            body=item.body,
            body_html=shown.html,
            digest=digest_of(item.body),
            position=discussion.last_position + 1,
            with_discussion=discussion.removed_at is not None,
            created_at=item.at,
        )
        first = append(discussion, parent, reply, item.at)
        told = posted(reply, discussion, self._community.visibility, shown, first_by_other=first)
        self._taken.replies.append((reply, shown))
        self._taken.made.append(Outgoing(told, reply.bump(), item.at))
        if item.accepted and reply.kind == "answer":
            self._accept(discussion, reply)
        if discussion.removed_at is not None:
            self._taken.unseen.append(removal_of(reply, "parent", max(discussion.removed_at, item.at)))
        self._keep(item, reply, discussion)

    def _accept(self, discussion: Discussion, answer: Reply) -> None:
        """As its asker would have, when it was given."""
        discussion.accepted_reply_id = answer.id
        told = AnswerAccepted(
            community_id=self.community_id,
            discussion_id=discussion.id,
            reply_id=answer.id,
            asker_id=discussion.author_id,
            answerer_id=answer.author_id,
            accepted_by=discussion.author_id,
            tags=tuple(discussion.tags),
        )
        self._taken.accepted.append(Outgoing(told, answer.bump(), answer.created_at))

    def _keep(self, item: Entry, thing: Thing, root: Discussion) -> None:
        kind = "reply" if isinstance(thing, Reply) else "discussion"
        line = ArchiveLine(
            community_id=self.community_id, source_ref=item.ref, object_kind=kind, object_id=thing.id, root_id=root.id
        )
        self._taken.lines.append(line)
        self._things[item.ref] = thing

    async def write(self) -> None:
        taken = self._taken
        self.session.add_all([*(discussion for discussion, *_ in taken.discussions), *taken.lines])
        await self.session.flush()
        self.session.add_all([*(text for _, text, _ in taken.discussions), *(reply for reply, _ in taken.replies)])
        await self.session.flush()
        tags = [
            {"discussion_id": discussion.id, "tag": tag, "community_id": self.community_id}
            for discussion, *_ in taken.discussions
            for tag in discussion.tags
        ]
        await insert_many(self.session, DiscussionTag.__table__, tags)  # type: ignore[attr-defined]
        await tell_deeds(self.session, "made", taken.made)
        await tell_deeds(self.session, "helped", taken.accepted)
        await tell_deeds(self.session, "shown", taken.unseen)
        for discussion, _, shown in taken.discussions:
            await discussion_said.happened(self.session, Said(discussion, shown.plain))
        for reply, shown in taken.replies:
            await reply_written.happened(self.session, ReplyWritten(reply, shown.plain))
