"""Which activities a list shows."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement

from chassis.problems import FORBIDDEN
from chassis.projections.members import own_communities, own_memberships
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.spans import Span, bounds_in
from chassis.web.work import Work
from services.events.activities.occasions import own_wanted
from services.events.activities.queries import Wanted
from services.events.permissions import ACTIVITIES_READ, ACTIVITIES_WRITE


async def wanted_by(
    work: Work, asked: Wanted, community_id: UUID | None, span: Span, *, mine: bool
) -> tuple[Wanted, Standing | None]:
    """What the caller may see of what they ask for, and what they are in the community, if they name one.

    Raises `FORBIDDEN` for a caller who is nobody's member and names no community, else what `authorize` raises.
    """
    if community_id is None:
        if work.caller is None:
            raise FORBIDDEN()
        communities = await own_communities(work.session, work.caller, reading_at=work.now)
        own = await own_memberships(work.session, work.caller, reading_at=work.now)
        since, until = bounds_in(None, span)
        wanted = replace(asked, organiser_ids=own, speaker_id=work.caller.id, since=since, until=until)
        return replace(wanted, community_ids=communities, theirs=await _theirs(work, own, mine=mine)), None
    standing = await authorize(work.session, work.caller, ACTIVITIES_READ, community_id, now=work.now)
    me = [standing.member_id] if standing.member_id is not None else []
    sees_drafts = Reach.ALL in ACTIVITIES_WRITE.reach(standing.columns)
    speaker_id = work.caller.id if work.caller is not None and work.caller.kind == "person" else None
    since, until = bounds_in(standing, span)
    wanted = replace(asked, organiser_ids=me, speaker_id=speaker_id, since=since, until=until)
    theirs = await _theirs(work, me, mine=mine)
    return replace(wanted, community_ids=[community_id], sees_drafts=sees_drafts, theirs=theirs), standing


async def _theirs(work: Work, member_ids: Sequence[UUID], *, mine: bool) -> Sequence[ColumnElement[bool]] | None:
    return await own_wanted.happened(work.session, member_ids) if mine else None
