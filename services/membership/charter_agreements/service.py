"""Use cases of agreements to charters."""

from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.membership.charter_agreements.models import CharterAgreement
from services.membership.communities.models import Charter, Community
from services.membership.permissions import CHARTER_AGREEMENTS_GIVE
from services.membership.refusals import SUPERSEDED
from services.membership.roster.joining import find_member


async def agree(work: Work, community_id: UUID, version: int) -> CharterAgreement:
    """Record that the caller agrees to the present version; again it changes nothing.

    Raises `SUPERSEDED` where there is a newer one, to which nobody agrees by agreeing to this.
    """
    caller = work.caller
    if caller is None or caller.kind != "person":
        raise FORBIDDEN()
    member = await find_member(work.session, community_id=community_id, person_id=caller.id, lock=True)
    own = member is not None
    await authorize(work.session, caller, CHARTER_AGREEMENTS_GIVE, community_id, own=own, now=work.now)
    charter = await existing(work.session, Charter, (community_id, version))
    if member is None:
        raise NOT_FOUND()
    known = await work.session.get(CharterAgreement, (member.id, version))
    if known is not None:
        return known
    present = (await existing(work.session, Community, community_id)).charter_version
    if charter.version != present:
        raise SUPERSEDED(version=present)
    given = CharterAgreement(member_id=member.id, version=version, community_id=community_id, agreed_at=work.now)
    work.session.add(given)
    return given
