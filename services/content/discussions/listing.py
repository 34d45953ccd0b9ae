"""Whose discussions a list shows."""

from dataclasses import replace
from uuid import UUID

from chassis.problems import FORBIDDEN, INVALID, FieldError
from chassis.projections.members import own_standings
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.content.discussions.access import moderates
from services.content.discussions.queries import Wanted
from services.content.groups import reader_among, reader_of
from services.content.permissions import DISCUSSIONS_READ

WHICH = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)


async def wanted_by(work: Work, asked: Wanted, *, author_id: UUID | None, mine: bool) -> tuple[Wanted, Standing | None]:
    """What the caller may see of what they ask for, and what they are in the community, if they name one.

    Raises `INVALID` without a community, `FORBIDDEN` for what was removed, else what `authorize` raises.
    """
    if asked.community_id is None:
        if not mine or work.caller is None:
            raise INVALID(errors=[WHICH])
        standings = await own_standings(work.session, work.caller, reading_at=work.now)
        mine_in = [one.id for one in standings]
        authors = [one for one in mine_in if author_id in {None, one}]
        asked = replace(asked, groups=reader_among(standings))
        return replace(asked, author_ids=authors, reader_ids=mine_in, sees_removed=True, mine=True), None
    standing = await authorize(work.session, work.caller, DISCUSSIONS_READ, asked.community_id, now=work.now)
    if mine and standing.member_id is None:
        raise FORBIDDEN()
    hidden = asked.status in {"removed", "scheduled"}
    if hidden and not mine and not moderates(standing):
        raise FORBIDDEN()
    asked = replace(asked, groups=reader_of(standing))
    readers = [standing.member_id] if standing.member_id is not None else []
    only = readers if mine else None
    if author_id is not None:
        only = [author_id] if only in (None, [author_id]) else []
    return replace(asked, author_ids=only, reader_ids=readers, sees_removed=mine or hidden, mine=mine), standing
