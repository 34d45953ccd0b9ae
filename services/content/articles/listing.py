"""Which articles a list shows."""

from dataclasses import replace

from chassis.problems import FORBIDDEN, INVALID
from chassis.projections.members import own_standings
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.content.articles.access import EVERYBODY, visible_to, works_on_all
from services.content.articles.queries import Wanted
from services.content.discussions.access import moderates
from services.content.discussions.listing import WHICH
from services.content.groups import reader_among, reader_of
from services.content.permissions import ARTICLES_READ


async def wanted_by(work: Work, asked: Wanted) -> tuple[Wanted, Standing | None]:
    """What the caller may see of what they ask for, and what they are in the community, if they name one.

    Raises `INVALID` without a community, `FORBIDDEN` for what was removed, else what `authorize` raises.
    """
    if asked.community_id is None:
        if not asked.only_mine or work.caller is None:
            raise INVALID(errors=[WHICH])
        standings = await own_standings(work.session, work.caller, reading_at=work.now)
        mine = [one.id for one in standings]
        return replace(asked, mine=mine, groups=reader_among(standings), visible=EVERYBODY), None
    standing = await authorize(work.session, work.caller, ARTICLES_READ, asked.community_id, now=work.now)
    mine = [standing.member_id] if standing.member_id is not None and "S" not in standing.columns else []
    if asked.only_mine and not mine:
        raise FORBIDDEN()
    if asked.status == "removed" and not asked.only_mine and not moderates(standing):
        raise FORBIDDEN()
    return (
        replace(
            asked,
            mine=mine,
            groups=reader_of(standing),
            works_on_all=works_on_all(standing),
            visible=await visible_to(work.session, work.caller, standing),
        ),
        standing,
    )
