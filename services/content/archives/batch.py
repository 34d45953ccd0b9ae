"""A step of an archive: what its lines are about is read and locked, and what they become is written down."""

from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlmodel import col

from chassis.database.bulk import among, insert_many
from chassis.imports import Batch, RowRefused
from chassis.projections.communities import known_community
from chassis.projections.members import KnownMember
from chassis.projections.numbers import members_by_number
from services.content.archives import changing, making
from services.content.archives.lines import PARENT, Entry
from services.content.archives.models import ArchiveLine
from services.content.archives.past import Past, Thing
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.occasions import Shown, article_shown
from services.content.articles.service import index
from services.content.attachments.naming import keep_of_old, show_named
from services.content.base import Base
from services.content.deeds.service import deeds
from services.content.discussions.models import Discussion, DiscussionTag, DiscussionText
from services.content.discussions.occasions import Said, Turned, discussion_said, discussion_turned
from services.content.markdown import render
from services.content.reactions.models import Reaction
from services.content.replies.models import Reply
from services.content.replies.occasions import ReplyTurned, ReplyWritten, reply_turned, reply_written
from services.content.replies.removing import find_last

Row = TypeVar("Row", Discussion, Article, Reply, Reaction)


class ArchiveBatch(Batch[Entry]):
    """Takes lines in. Those of a discussion or an article come together, it first."""

    async def read(self, items: Sequence[Entry]) -> None:
        self._members = await members_by_number(self.session, self.community_id, [item.author for item in items])
        community = await known_community(self.session, self.community_id)
        if community is None:
            # Then none of its members is known either.
            raise RuntimeError("an archive comes into a community that is not known")
        self._past = Past(community, self.community_id)
        refs = {item.ref for item in items} | {item.parent for item in items if item.parent is not None}
        lines = await self._lines(refs)
        self._known = set(lines)
        parents = {item.parent for item in items}
        about = [line for ref, line in lines.items() if ref in parents]
        if about:
            await self._lock(about)
            await self._read_texts(items, about)
            await self._read_reactions(items)

    async def _lines(self, refs: set[str]) -> dict[str, ArchiveLine]:
        known = select(ArchiveLine).where(
            col(ArchiveLine.community_id) == self.community_id, among(self.session, col(ArchiveLine.source_ref), refs)
        )
        return {line.source_ref: line for line in (await self.session.execute(known)).scalars()}

    async def _lock(self, lines: Sequence[ArchiveLine]) -> None:
        """Lock what the lines are about: the roots, then the replies with the answers that they are about, then reactions."""
        past = self._past
        ids = {line.object_id for line in lines}
        given = select(col(Reaction.object_id)).where(among(self.session, col(Reaction.id), ids))
        if any(line.object_kind == "reaction" for line in lines):
            ids |= set((await self.session.execute(given)).scalars())
        roots = {line.root_id for line in lines}
        past.discussions = await self._locked(Discussion, roots)
        await self._lock_ends()
        past.articles = await self._locked(Article, roots)
        if any(line.object_kind in {"reply", "reaction"} for line in lines):
            above = select(col(Reply.parent_reply_id)).where(among(self.session, col(Reply.id), ids))
            replies = select(Reply).where(or_(among(self.session, col(Reply.id), ids), col(Reply.id).in_(above)))
            rows = await self.session.execute(self.locked(replies.order_by(col(Reply.id))))
            past.replies = {row.id: row for row in rows.scalars()}
        reactions = await self._locked(Reaction, {line.object_id for line in lines if line.object_kind == "reaction"})
        things: dict[str, dict[UUID, Thing]] = {
            "discussion": {**past.discussions},
            "article": {**past.articles},
            "reply": {**past.replies},
            "reaction": {**reactions},
        }
        for line in lines:
            if line.object_kind in things:
                past.things[line.source_ref] = things[line.object_kind][line.object_id]
        for one in reactions.values():
            past.reactions[one.member_id, one.object_id, one.reaction] = one

    async def _lock_ends(self) -> None:
        """Lock where merged ones went, too: their replies are there by now or will be."""
        found = self._past.discussions
        while more := {one.merged_into_id for one in found.values() if one.merged_into_id} - found.keys():
            found |= await self._locked(Discussion, more)

    async def _locked(self, table: type[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
        if not ids:
            return {}
        rows = select(table).where(among(self.session, col(table.id), ids)).order_by(col(table.id))
        return {row.id: row for row in (await self.session.execute(self.locked(rows))).scalars()}

    async def _read_texts(self, items: Sequence[Entry], lines: Sequence[ArchiveLine]) -> None:
        """What is edited, as it is said now."""
        edited = {item.parent for item in items if item.kind == "edit"}
        ids = {line.object_id for line in lines if line.source_ref in edited}
        if not ids:
            return
        texts = select(DiscussionText).where(among(self.session, col(DiscussionText.discussion_id), ids))
        self._past.texts = {row.discussion_id: row for row in (await self.session.execute(texts)).scalars()}
        shown = select(ArticleVersion).join(
            Article,
            (col(Article.id) == col(ArticleVersion.article_id)) & (col(Article.number) == col(ArticleVersion.number)),
        )
        versions = await self.session.execute(shown.where(among(self.session, col(Article.id), ids)))
        self._past.versions = {row.article_id: row for row in versions.scalars()}

    async def _read_reactions(self, items: Sequence[Entry]) -> None:
        """How those who react have reacted to the same things before."""
        past = self._past
        by = {
            self._members[item.author_key].id
            for item in items
            if item.kind == "reaction" and item.author_key in self._members
        }
        about = {
            past.things[item.parent].id for item in items if item.kind == "reaction" and item.parent in past.things
        }
        if not by or not about:
            return
        given = select(Reaction).where(
            among(self.session, col(Reaction.member_id), by), among(self.session, col(Reaction.object_id), about)
        )
        for one in (await self.session.execute(self.locked(given.order_by(col(Reaction.id))))).scalars():
            past.reactions[one.member_id, one.object_id, one.reaction] = one

    def take(self, item: Entry) -> str:
        if item.ref in self._known:
            return "unchanged"
        by, past = self._author(item), self._past
        if item.body and item.shown is None:
            raise RowRefused("too_tangled")
        if item.kind == "discussion" and item.shown is not None:
            making.start(past, item, by, item.shown)
            return "created"
        if item.kind == "article" and item.shown is not None:
            making.publish(past, item, by, item.shown)
            return "created"
        if item.parent not in past.things:
            if self.job.params["dry_run"] and item.has_parent:
                # An earlier step would have written it.
                return "created" if item.makes else "changed"
            raise RowRefused("unknown_parent", ref=item.parent, field=PARENT[item.kind])
        return self._do(item, by, past.things[item.parent])

    def _do(self, item: Entry, by: KnownMember, thing: Thing) -> str:
        past = self._past
        if item.kind == "reaction":
            return making.react(past, item, by, thing)
        if item.kind in {"reply", "comment"} and item.shown is not None:
            making.reply(past, item, by, item.shown, thing)
            return "created"
        if item.kind == "edit":
            changed = changing.edit(past, item, by, item.shown, thing)
        else:
            change = changing.delete if item.kind == "delete" else changing.restore
            changed = change(past, item, by, thing)
        past.keep(item, thing)
        return "changed" if changed else "unchanged"

    def _author(self, item: Entry) -> KnownMember:
        member = self._members.get(item.author_key)
        if member is None:
            raise RowRefused("unknown_author")
        if item.at > self.now:
            raise RowRefused("in_the_future")
        if item.at < member.joined_at:
            raise RowRefused("before_joining")
        return member

    async def write(self) -> None:
        past = self._past
        self.session.add_all([*past.new, *past.lines])
        await self.session.flush()
        self.session.add_all(past.new_below)
        await self.session.flush()
        await self._write_tags()
        await self._keep_files()
        for one in past.without_last.values():
            await find_last(self.session, one)
        await deeds.tell_in_order(self.session, past.told)
        for thing, text in past.said.values():
            await self._say(thing, text)
        for thing in past.turned.values():
            await self._turn(thing)

    async def _write_tags(self) -> None:
        tagged = self._past.tagged
        new = {id(one) for one in self._past.new}
        if again := [key for key, one in tagged.items() if id(one) not in new]:
            stale = delete(DiscussionTag).where(among(self.session, col(DiscussionTag.discussion_id), again))
            await self.session.execute(stale)
        tags = [
            {"discussion_id": discussion.id, "tag": tag, "community_id": self.community_id}
            for discussion in tagged.values()
            for tag in discussion.tags
        ]
        await insert_many(self.session, DiscussionTag.__table__, tags)  # type: ignore[attr-defined]

    async def _keep_files(self) -> None:
        """What a text names no more is let go; of an article the versions before name it still."""
        past, said = self._past, dict[UUID, tuple[str, str | None]]()
        for thing, text in past.said.values():
            if text is None:
                continue
            if isinstance(thing, Reply):
                said[thing.id] = (thing.body, thing.waiting)
            elif isinstance(thing, Discussion):
                row = past.texts[thing.id]
                said[thing.id] = (row.body, (row.waiting or {}).get("body"))
            else:
                await show_named(self.session, thing.id, past.versions[thing.id].body, again=thing.number > 1)
        if said:
            await keep_of_old(self.session, said, self.now)

    async def _say(self, thing: Base, text: str | None) -> None:
        if isinstance(thing, Discussion):
            await discussion_said.happened(self.session, Said(thing, text))
        elif isinstance(thing, Reply):
            await reply_written.happened(self.session, ReplyWritten(thing, text or ""))
        elif isinstance(thing, Article):
            version = self._past.versions[thing.id]
            await index(self.session, thing, version)
            # Its title stands in the entry with its text.
            plain = text if text is not None else render(version.body.encode()).plain
            await article_shown.happened(self.session, Shown(thing, plain))

    async def _turn(self, thing: Base) -> None:
        if isinstance(thing, Discussion):
            await discussion_turned.happened(self.session, Turned(thing, None, arrived_at=self.now))
        elif isinstance(thing, Reply):
            await reply_turned.happened(self.session, ReplyTurned(thing))
        elif isinstance(thing, Article):
            await article_shown.happened(self.session, Shown(thing, None))
