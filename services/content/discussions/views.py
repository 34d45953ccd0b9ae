"""How discussions become answers, for whoever reads them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import is_mask
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.content.attachments.showing import of_bodies
from services.content.discussions.access import Seen, ends_of, is_by, moderates
from services.content.discussions.models import Discussion, DiscussionText
from services.content.discussions.occasions import Looked, Reading, Shown, discussions_shown, looked_at
from services.content.discussions.schemas import (
    DiscussionListed,
    DiscussionMine,
    DiscussionPublic,
    LastReply,
    MergedInto,
    shown_status,
)
from services.content.discussions.service import is_overdue
from services.content.discussions.viewing import viewer_of
from services.content.holding.queries import held_of
from services.content.holding.schemas import HeldPublic
from services.content.mentions import ids_of, shown_today
from services.content.unnamed.masks import NO_MASKS, behind

NOTHING = Reading()
OF_NO_KIND: Mapping[str, Any] = {"announcement": None, "poll": None, "assigned_to": None}
"""What is of one kind only, in a discussion of another."""


async def listed(work: Work, rows: Sequence[Discussion], standing: Standing | None) -> list[DiscussionListed]:
    """Discussions as lists show them; without a standing they are the caller's own."""
    authors = {row.author_id for row in rows} | {row.last_reply_by_id for row in rows if row.last_reply_by_id}
    members = await embedded(work.session, authors)
    owners = await behind(work.session, (row.author_id for row in rows))
    found = await _reading(work.session, rows, _readers(rows, standing, owners))
    more = await _more(work, rows, standing)
    ends = await ends_of(work.session, rows)
    return [
        DiscussionListed(
            **_fields(row, members, standing, work, found.get(row.id, NOTHING), ends, owners),
            **more.get(row.id, OF_NO_KIND),
        )
        for row in rows
    ]


async def shown(work: Work, found: Seen) -> DiscussionPublic:
    """A discussion with its text and what the caller can do."""
    row = found.discussion
    named = ids_of(row.mentions)
    members = await embedded(work.session, named | set(filter(None, (row.author_id, row.last_reply_by_id))))
    text = await work.session.get_one(DiscussionText, row.id)
    reading = await _reading(work.session, [row], found.readers)
    ends = await ends_of(work.session, [row])
    fields = _fields(row, members, found.standing, work, reading.get(row.id, NOTHING), ends)
    fields["mentions"] = [members[UUID(one)] for one in row.mentions]
    more = (await _more(work, [row], found.standing)).get(row.id, OF_NO_KIND)
    told = await held_of(work.session, [row.id] if found.reads_held(row.author_id) else [])
    files = await of_bodies(work, {row.id: text.body})
    return DiscussionPublic(
        **_waiting(fields, text, told.get(row.id)),
        **more,
        body=text.body,
        body_html=shown_today(text.body_html, row.mentions, members),
        attachments=files.get(row.id, []),
        held=told.get(row.id),
        viewer=viewer_of(found, work.now, more["announcement"], more["poll"]),
    )


async def _more(work: Work, rows: Sequence[Discussion], standing: Standing | None) -> Mapping[UUID, Mapping[str, Any]]:
    """What only their kinds have."""
    readers = {row.author_id for row in rows}
    if standing is not None:
        readers = {standing.member_id} if standing.member_id is not None else set()
    found: dict[UUID, dict[str, Any]] = {}
    for answer in await discussions_shown.happened(work.session, Shown(rows, readers, work.now)):
        for key, fields in answer.items():
            found.setdefault(key, dict(OF_NO_KIND)).update(fields)
    return found


def _waiting(fields: dict[str, Any], text: DiscussionText, held: HeldPublic | None) -> dict[str, Any]:
    """Who is told of an edit that waits, reads that it is held."""
    return fields | {"status": "held"} if held is not None and text.waiting is not None else fields


async def mine_of(work: Work, found: Seen) -> DiscussionMine:
    """What a discussion is to a member."""
    reading = await _reading(work.session, [found.discussion], found.readers)
    return _mine(found.discussion.author_id, found.standing, reading.get(found.discussion.id, NOTHING))


def _readers(rows: Sequence[Discussion], standing: Standing | None, owners: Mapping[UUID, UUID]) -> set[UUID]:
    """Who looks at a list: members, and the masks that they wear in it."""
    if standing is None:
        return {row.author_id for row in rows} | set(owners.values())
    worn = {mask for mask, member_id in owners.items() if is_by(standing, member_id)}
    return worn | ({standing.member_id} if standing.member_id is not None else set())


async def _reading(session: AsyncSession, rows: Sequence[Discussion], mine: Collection[UUID]) -> Mapping[UUID, Reading]:
    """What they are to their reader, in one statement; nothing to who is no member."""
    if not mine or not rows:
        return {}
    answers = await looked_at.happened(session, Looked(mine, [row.id for row in rows]))
    return {key: one for answer in answers for key, one in answer.items()}


def _fields(
    row: Discussion,
    members: Any,
    standing: Standing | None,
    work: Work,
    reading: Reading,
    ends: Mapping[UUID, Discussion],
    owners: Mapping[UUID, UUID] = NO_MASKS,
) -> dict[str, Any]:
    last = (
        LastReply(member=members[row.last_reply_by_id], at=row.last_reply_at)
        if row.last_reply_by_id is not None and row.last_reply_at is not None
        else None
    )
    mine = _mine(owners.get(row.author_id, row.author_id), standing, reading)
    is_member = standing is None or standing.member_id is not None
    return row.model_dump() | {
        "author": members[row.author_id],
        "unnamed": is_mask(row.author_id),
        "last_reply": last,
        "status": shown_status(row),
        "accepted_reply_id": None if row.accepted_removed else row.accepted_reply_id,
        "merged_into": merged_into(ends.get(row.id), standing),
        "overdue": is_overdue(row, work.now),
        "featured": row.featured_at is not None,
        "first_unread_reply_id": reading.first_unread_reply_id,
        "mine": mine if is_member else None,
    }


def merged_into(end: Any, standing: Standing | None) -> MergedInto | None:
    """What something was merged into, for who may not see that without its title."""
    if end is None:
        return None
    sees = end.removed_at is None or (standing is not None and (is_by(standing, end.author_id) or moderates(standing)))
    return MergedInto(id=end.id, title=end.title if sees else "")


def _mine(author_id: UUID, standing: Standing | None, reading: Reading) -> DiscussionMine:
    return DiscussionMine(
        author=standing is None or is_by(standing, author_id),
        reacted=reading.reacted,
        unread=reading.unread,
        bookmarked=reading.bookmarked,
        subscribed=reading.subscribed,
    )
