"""Which interviews somebody lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.queries import has_applied
from services.membership.campaigns.models import Campaign
from services.membership.interviews import queries, views
from services.membership.interviews.access import person_of
from services.membership.interviews.models import Interview
from services.membership.interviews.schemas import InterviewPublic
from services.membership.people.access import require_active
from services.membership.permissions import APPLICATIONS_READ
from services.membership.standing.service import own_standings


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller lists: everybody's interviews of a community, or their own; and their standings, as far as they are known."""

    community_id: UUID | None
    everybodys: bool
    standings: Mapping[UUID, Standing]


async def scope_of(
    work: Work, community_id: UUID | None, campaign_id: UUID | None, application_id: UUID | None, *, mine: bool
) -> Scope:
    """What a caller may list of what they ask for. Raises `NOT_FOUND`, `FORBIDDEN`, or `INVALID` where they name no place."""
    parents: list[Campaign | Application] = []
    if campaign_id is not None:
        parents.append(await existing(work.session, Campaign, campaign_id))
    if application_id is not None:
        parents.append(await existing(work.session, Application, application_id))
    places = {one.community_id for one in parents} | ({community_id} if community_id is not None else set())
    if len(places) > 1:
        raise NOT_FOUND()
    if not places:
        if not mine:
            raise INVALID(errors=[_NO_PLACE])
        assert work.caller is not None  # noqa: S101 - the operation is not public
        await require_active(work.session, work.caller)
        return Scope(None, False, {})
    [place] = places
    standing = await authorize(
        work.session, work.caller, APPLICATIONS_READ, place, own=True, assigned=True, now=work.now
    )
    person_id = person_of(work.caller)
    known = standing.visible or (person_id is not None and await has_applied(work.session, person_id, place))
    if not known and not await queries.interviews_anywhere(work.session, person_id, place):
        raise NOT_FOUND()
    if any(isinstance(one, Campaign) and one.status == "draft" for one in parents) and not standing.sees_all:
        raise NOT_FOUND()
    if person_id is None and not standing.sees_all:
        raise FORBIDDEN()
    return Scope(place, standing.sees_all and not mine, {place: standing})


def listed(
    work: Work, scope: Scope, campaign_id: UUID | None, application_id: UUID | None, *, lacking: bool
) -> Listing:
    """The list."""
    return queries.interviews(
        now=work.now,
        community_id=scope.community_id,
        campaign_id=campaign_id,
        application_id=application_id,
        person_id=None if scope.everybodys else person_of(work.caller),
        assigned=all(Reach.ASSIGNED in APPLICATIONS_READ.reach(one.columns) for one in scope.standings.values()),
        lacking=lacking,
    )


async def shown(work: Work, scope: Scope, rows: Sequence[Interview]) -> list[InterviewPublic]:
    """Its rows, with what the caller is in each community."""
    assert work.caller is not None  # noqa: S101 - the operation is not public
    standings = scope.standings or await own_standings(
        work.session, work.caller, {one.community_id for one in rows}, work.now
    )
    return await views.shown_many(work, rows, standings)


_NO_PLACE = FieldError(
    "#/query/community_id",
    "missing",
    "Give community_id, campaign_id or application_id, or mine=true.",
    "请给出 community_id、campaign_id 或 application_id，或 mine=true。",
)
