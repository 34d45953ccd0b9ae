"""Reading polls: what they are to whoever they are shown to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.content.discussions.kinds import PollChoice, PollMine, PollPublic
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Shown
from services.content.polls.models import Poll, Vote
from services.content.polls.rules import is_closed, shows_results

_OF_KIND: Prepared[Any] = Prepared(
    lambda on: (
        select(Poll, col(Vote.choices))
        .outerjoin(
            Vote,
            and_(col(Vote.discussion_id) == col(Poll.discussion_id), on.among(col(Vote.member_id), "member_ids")),
        )
        .where(on.among(col(Poll.discussion_id), "discussion_ids"))
    )
)


async def of_kind(session: AsyncSession, shown: Shown) -> Mapping[UUID, Mapping[str, Any]]:
    """The polls among discussions, in one statement; none where there are none."""
    rows = {row.id: row for row in shown.discussions if row.kind == "poll"}
    if not rows:
        return {}
    found = await _OF_KIND.all(session, discussion_ids=list(rows), member_ids=list(shown.member_ids))
    return {
        poll.discussion_id: {
            "poll": _public(poll, rows[poll.discussion_id], chosen or [], shown.now, member=bool(shown.member_ids))
        }
        for poll, chosen in found
    }


def _public(poll: Poll, row: Discussion, chosen: list[int], now: datetime, *, member: bool) -> PollPublic:
    closed = is_closed(poll.closes_at, status=row.status, now=now)
    counts = shows_results(poll.results, voted=bool(chosen), closed=closed)
    return PollPublic(
        choices=[
            PollChoice(text=text, votes=count if counts else None)
            for text, count in zip(poll.choices, poll.votes, strict=True)
        ],
        several=poll.several,
        results=poll.results,
        closes_at=poll.closes_at,
        closed=closed,
        voters=poll.voters,
        mine=PollMine(chosen=chosen) if member else None,
    )
