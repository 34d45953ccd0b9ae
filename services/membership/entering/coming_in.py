"""How somebody becomes a member by themselves: an open community, or an invitation. The community is held first, then the invitation, then the member."""

from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.secrets import hash_of
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.communities.rules import entering_refusal, joining_refusal
from services.membership.entering import queries
from services.membership.entering.models import InvitationUse, MemberInvitation
from services.membership.entering.occasions import InvitationEnded, invitation_ended
from services.membership.entering.problems import INVITATION_CLOSED
from services.membership.entering.rules import REASONS
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.permissions import COMMUNITIES_JOIN, PEOPLE_SELF
from services.membership.roster.joining import find_member, join, still_a_member
from services.membership.roster.models import Member


async def join_openly(work: Work, community_id: UUID) -> tuple[Member, bool]:
    """Make the caller a member of an open community; whoever is one stays as they are. Returns the member, and whether they are new.

    Raises `FORBIDDEN` for people from outside and who was expelled, `COMMUNITY_NOT_OPEN`, `NOT_JOINED_OPENLY`.
    """
    community, _ = await _held(work, community_id, COMMUNITIES_JOIN)
    person = await _person(work)
    member = await find_member(work.session, community_id=community_id, person_id=person.id, lock=True)
    if member is not None and still_a_member(member):
        return member, False
    code = joining_refusal(
        community_status=community.status,  # type: ignore[arg-type]  # the check constraints say so
        join=community.join,  # type: ignore[arg-type]
        status=member.status if member else None,
        kind=person.kind,
    )
    if code is not None:
        raise refused(code, join=community.join if code == "not_joined_openly" else None)
    member = await join(
        work.session, person=person, community_id=community_id, via="open", joined_at=work.now, now=work.now
    )
    return member, True


async def accept(work: Work, *, code: str | None = None, invitation_id: UUID | None = None) -> tuple[Member, bool]:
    """Make the caller a member by an invitation: by what its link ends with, or by its id where it is in their name.

    Whoever is a member stays as they are, and uses nothing up. Returns the member, and whether they are new. Raises `NOT_FOUND` for what is
    no invitation or somebody else's, `INVITATION_CLOSED` with its state, `FORBIDDEN` for who was expelled and, by a link, for people from outside.
    """
    if code is not None:
        invitation_id = await queries.id_of(work.session, hash_of(code))
    noted = await work.session.get(MemberInvitation, invitation_id) if invitation_id is not None else None
    if noted is None:
        raise NOT_FOUND()
    person = await _person(work)
    if not is_for(noted, person) or (code is None and not noted.named):
        raise NOT_FOUND()
    await _held(work, noted.community_id, PEOPLE_SELF)
    row = await existing(work.session, MemberInvitation, noted.id, lock=True)
    member = await find_member(work.session, community_id=row.community_id, person_id=person.id, lock=True)
    if member is not None and still_a_member(member):
        return member, False
    refusal = entering_refusal(status=member.status if member else None, kind=person.kind, named=row.named)
    if refusal is not None:
        raise refused(refusal)
    await _check_open(work, row, person)
    member = await join(
        work.session,
        person=person,
        community_id=row.community_id,
        via="invitation",
        joined_at=work.now,
        now=work.now,
        cohort_id=row.cohort_id,
    )
    row.used += 1
    work.session.add(InvitationUse(invitation_id=row.id, person_id=person.id, member_id=member.id, at=work.now))
    await audit(work.session, work.caller, row, "accept", {"used": [row.used - 1, row.used]}, work.now)
    if row.named:
        await invitation_ended.happened(work.session, InvitationEnded(row.id, work.now))
    return member, True


def is_for(row: MemberInvitation, person: Person) -> bool:
    """Whether somebody may come in by this invitation, if they have its link."""
    if row.person_id is not None:
        return row.person_id == person.id
    return row.email is None or row.email == person.email


async def _check_open(work: Work, row: MemberInvitation, person: Person) -> None:
    """Each person comes in once by an invitation, also who left since."""
    state: Any = row.state_at(work.now)
    if state == "open" and await queries.has_used(work.session, row.id, person.id):
        state = "used_up"
    if state != "open":
        raise INVITATION_CLOSED(*REASONS[state], state=state)


async def _held(work: Work, community_id: UUID, wanted: Any) -> tuple[Community, Standing]:
    community = await queries.held(work.session, community_id)
    standing = await authorize(work.session, work.caller, wanted, community_id, own=True, now=work.now)
    if community is None:
        raise NOT_FOUND()
    return community, standing


async def _person(work: Work) -> Person:
    if work.caller is None:
        raise FORBIDDEN()
    return await require_active(work.session, work.caller)
