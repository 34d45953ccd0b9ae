"""Mentions in a body: which of those named may see it, and how they are called today."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final
from uuid import UUID

from sqlalchemy import Select, Uuid, or_, select

from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.web.schemas import MemberEmbed
from chassis.web.work import Work
from services.content.base import known
from services.content.groups import may_see
from services.content.markdown import Rendered

MOST: Final = 50
"""How many members one text mentions; those named after them are text."""

_MENTION: Final = re.compile(r'<span data-member="([0-9a-f-]{36})">([^<]*)</span>')
_members, _sanctions = known.members.c, known.sanctions.c


def _who_may_see(on: Spelling) -> Select[tuple[UUID]]:
    return (
        select(_members.id)
        .select_from(known.members.outerjoin(known.sanctions, _sanctions.id == _members.id))
        .where(
            _members.community_id == bindparam("community_id"),
            on.among(_members.id, "ids"),
            _members.status == "active",
            or_(_sanctions.id.is_(None), _sanctions.status != "suspended", _sanctions.until <= bindparam("now")),
        )
    )


_WHO_MAY_SEE = Prepared(_who_may_see)
_WHO_SEES_GROUP = Prepared(lambda on: _who_may_see(on).where(may_see(bindparam("group_id", type_=Uuid()), _members)))


async def mentioned(
    work: Work, community_id: UUID, text: Rendered, *, group_id: UUID | None = None
) -> tuple[str, list[str]]:
    """The HTML and the members that it mentions: others who are named, and those who are not there to see it, are text.

    What stands in a group mentions who sees that.
    """
    named = list(text.mentions)[:MOST]
    if not text.mentions:
        return text.html, []
    ids = [UUID(one) for one in named]
    if group_id is None:
        rows = await _WHO_MAY_SEE.all(work.session, community_id=community_id, ids=ids, now=work.now)
    else:
        rows = await _WHO_SEES_GROUP.all(
            work.session, community_id=community_id, ids=ids, now=work.now, group_id=group_id
        )
    found = {str(one) for one in rows}
    kept = [one for one in named if one in found]
    html = _MENTION.sub(lambda one: one.group(0) if one.group(1) in kept else one.group(2), text.html)
    return html, kept


def mentioned_before(text: Rendered, before: Iterable[str]) -> tuple[str, list[str]]:
    """The HTML and the members whom a guest leaves mentioned: they cannot name anybody whom nobody named before."""
    kept = [one for one in text.mentions if one in set(before)]
    return _MENTION.sub(lambda one: one.group(0) if one.group(1) in kept else one.group(2), text.html), kept


def ids_of(*mentions: Iterable[str]) -> set[UUID]:
    """The members that some texts mention."""
    return {UUID(one) for some in mentions for one in some}


def shown_today(html: str, mentions: Iterable[str], members: Mapping[UUID, MemberEmbed]) -> str:
    """The HTML with the names that those who are mentioned have today; who was erased has none.

    Others who are named in it are text: nobody looked whether they are here, as with what an archive brought.
    """
    if "data-member" not in html:
        return html
    names = {one: members[UUID(one)].display_name or "" for one in mentions}

    def today(one: re.Match[str]) -> str:
        name = names.get(one.group(1))
        return one.group(2) if name is None else f'<span data-member="{one.group(1)}">@{escape(name)}</span>'

    return _MENTION.sub(today, html)
