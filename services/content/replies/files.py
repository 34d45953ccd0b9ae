"""Which replies show their files to whom."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.content.attachments.occasions import Asked, Named
from services.content.discussions.access import is_by, moderates
from services.content.discussions.files import discussions_of, seen_with, standings_of
from services.content.replies.models import Reply
from services.content.unnamed.masks import behind

_REPLIES: Prepared[Reply] = Prepared(lambda on: select(Reply).where(on.among(col(Reply.id), "ids")))


async def reply_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those that the caller sees, in discussions that they see; what only waits there, their authors and moderators alone."""
    named = [one for one in asked.named if one.kind == "reply"]
    if not named:
        return []
    standings = await standings_of(session, asked, named)
    replies = {row.id: row for row in await _REPLIES.all(session, ids=[one.object_id for one in named])}
    threads = await discussions_of(session, {row.discussion_id for row in replies.values()})
    owners = await behind(
        session, {row.author_id for row in replies.values()} | {row.author_id for row in threads.values()}
    )
    groups = await seen_with(session, standings, threads.values())
    found = []
    for one in named:
        row, standing = replies.get(one.object_id), standings.get(one.community_id)
        if row is None or standing is None:
            continue
        thread = threads[row.discussion_id]
        if not groups.see(thread):
            continue
        moderator = moderates(standing)
        sees_thread = (
            thread.removed_at is None or moderator or is_by(standing, owners.get(thread.author_id, thread.author_id))
        )
        mine = is_by(standing, owners.get(row.author_id, row.author_id))
        if sees_thread and (mine or moderator or (one.shown and row.removed_at is None)):
            found.append(one)
    return found
