"""Measures as they are answered."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.database.rows import existing
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.measures import queries
from services.membership.measures.models import RuleMeasure
from services.membership.measures.queries import Own
from services.membership.measures.rules import Window, is_kept, window_of
from services.membership.measures.schemas import MeasuredWindow, MeasurePublic, ShortMember
from services.membership.measures.service import place_of
from services.membership.roster.models import Member
from services.membership.roster.queries import embedded_by_id
from services.membership.roster.rules import ENDED


async def shown(
    work: Work,
    community_id: UUID,
    member: Member | None,
    rows: Sequence[RuleMeasure],
    *,
    runs: bool,
    titles: Mapping[str, str],
) -> list[MeasurePublic]:
    """Measures with the figures of a member, who need not be one; for those who run the community with how many are short."""
    place = place_of(await existing(work.session, Community, community_id))
    today = place.day_of(work.now)
    running = {one.id: window_of(one.window, today) for one in rows}
    own = {}
    if member is not None and member.status not in ENDED:
        wanted = [(one, window) for one in rows for window in (running[one.id], running[one.id].before())]
        own = dict(await queries.own_figures(work.session, member.id, wanted, place))

    short_of = await queries.how_many_short(work.session, rows, today, place) if runs else {}

    def window(one: RuleMeasure, of: Window) -> MeasuredWindow:
        return _window(one, of, own.get((one.id, of)))

    return [
        MeasurePublic(
            id=one.id,
            code=one.code,
            title=titles.get(one.code),
            metric=one.metric,
            op=one.op,
            value=one.value,
            window=one.window,
            running=window(one, running[one.id]),
            last=window(one, running[one.id].before()),
            short=short_of.get(one.id),
        )
        for one in rows
    ]


def _window(one: RuleMeasure, of: Window, own: Own | None) -> MeasuredWindow:
    return MeasuredWindow(
        begins_on=of.first,
        ends_on=of.last,
        figure=own.figure if own else None,
        kept=is_kept(one.op, one.value, own.figure) if own else None,
        asked=own.asked if own else None,
    )


async def short(work: Work, rows: Sequence[Any], window: Window) -> list[ShortMember]:
    """Members who were short in a window, as a page shows them."""
    members = await embedded_by_id(work.session, [member.id for member, _ in rows], work.now)
    return [
        ShortMember(member=members[member.id], figure=figure, begins_on=window.first, ends_on=window.last)
        for member, figure in rows
    ]
