"""Which mentorships somebody lists."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.problems import FORBIDDEN, INVALID, FieldError
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.membership.mentorships.queries import memberships_of
from services.membership.mentorships.schemas import Attention
from services.membership.people.access import require_active
from services.membership.permissions import MENTORSHIPS_READ

_NO_PLACE: Final = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The caller's memberships, and whether everybody's are listed or theirs alone."""

    own_ids: Collection[UUID]
    everybodys: bool


async def scope_of(work: Work, community_id: UUID | None, *, mine: bool, attention: Attention | None) -> Scope:
    """What a caller may list of what they ask for. Raises `NOT_FOUND`, `FORBIDDEN`, or `INVALID` where they name no place."""
    caller = work.caller
    if caller is None:
        raise FORBIDDEN()
    if community_id is None:
        if not mine:
            raise INVALID(errors=[_NO_PLACE])
        await require_active(work.session, caller)
        return Scope(await memberships_of(work.session, caller.id, work.now), everybodys=False)
    standing = await authorize(work.session, caller, MENTORSHIPS_READ, community_id, own=True, now=work.now)
    own_ids = [] if standing.member_id is None else [standing.member_id]
    if not standing.sees_all and attention is not None:
        raise FORBIDDEN()
    return Scope(own_ids, everybodys=standing.sees_all and not mine)
