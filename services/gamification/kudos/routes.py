"""HTTP of kudos."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import StringConstraints

from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import PageQuery, paginate_together
from services.gamification.kudos import problems, queries, service
from services.gamification.kudos.schemas import KudosCreate, KudosPage, KudosPublic
from services.gamification.kudos.views import shown
from services.gamification.permissions import KUDOS_GIVE, KUDOS_READ, KUDOS_REMOVE

router = api_router(tags=["Kudos"])

ALL = "/v1/kudos"
ONE = "/v1/kudos/{kudos_id}"


@router.post(ALL, status_code=201)
@operation(permission=KUDOS_GIVE, problems=[problems.KUDOS_SPENT])
async def give_kudos(body: KudosCreate, work: Write, response: Response) -> KudosPublic:
    """Say what a colleague did well, and by which value of the charter.

    Five a day, in your own time zone. Others read the text once moderation has looked at it.
    """
    seen = await service.give(work, body)
    created(response, f"{ALL}/{seen.kudos.id}")
    return (await shown(work, [seen.kudos], seen.standing))[0]


@router.get(ALL)
@operation(permission=KUDOS_READ)
async def list_kudos(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    giver_id: Annotated[UUID | None, Query(description="Only those that this member gave.")] = None,
    receiver_id: Annotated[UUID | None, Query(description="Only those that this member received.")] = None,
    value_code: Annotated[
        Annotated[str, StringConstraints(max_length=64)] | None,
        Query(description="Only those for this value of the charter."),
    ] = None,
    mine: Annotated[bool, Query(description="Only those that the caller gave or received.")] = False,
) -> KudosPage:
    """List a community's kudos, the latest first. `left_today` says how many the caller may still give."""
    standing = await authorize(work.session, work.caller, KUDOS_READ, community_id, now=work.now)
    readers = [] if standing.member_id is None else [standing.member_id]
    found = queries.listing(
        community_id,
        reader_ids=readers,
        giver_id=giver_id,
        receiver_id=receiver_id,
        value_code=value_code,
        mine=mine,
    )
    listed = await paginate_together(work.session, found, page=page, to=lambda rows: shown(work, rows, standing))
    return KudosPage(**dict(listed), left_today=await service.left_today(work, standing))


@router.get(ONE)
@operation(permission=KUDOS_READ)
async def read_kudos(kudos_id: UUID, work: Read) -> KudosPublic:
    """Read kudos."""
    seen = await service.seen_kudos(work, kudos_id)
    return (await shown(work, [seen.kudos], seen.standing))[0]


@router.post(f"{ONE}/remove")
@operation(permission=KUDOS_REMOVE)
async def remove_kudos(kudos_id: UUID, work: Write) -> KudosPublic:
    """Remove kudos: your own, or those you received; moderators any. What they earned is taken back. Again, it changes nothing."""
    seen = await service.remove(work, kudos_id)
    return (await shown(work, [seen.kudos], seen.standing))[0]
