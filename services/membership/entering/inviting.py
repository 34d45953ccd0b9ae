"""Inviting people, and taking invitations back: for those who run a community."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import INVALID, FieldError, refused
from chassis.secrets import hash_of
from chassis.web.work import Work
from services.membership.cohorts.service import cohort_of
from services.membership.communities.models import Community
from services.membership.entering import queries
from services.membership.entering.models import MemberInvitation
from services.membership.entering.occasions import InvitationEnded, PersonInvited, invitation_ended, person_invited
from services.membership.entering.rules import LONGEST, PREFIX
from services.membership.entering.schemas import InvitationCreate
from services.membership.people.models import Person
from services.membership.people.rules import Status
from services.membership.refusals import UNKNOWN_PERSON
from services.membership.roster.joining import find_member, still_a_member


@dataclass(frozen=True, slots=True)
class Made:
    """A new invitation, and what its link ends with: nobody is told that again."""

    row: MemberInvitation
    code: str


async def invite(work: Work, body: InvitationCreate) -> Made:
    """Make an invitation to an open community. Raises `UNKNOWN_PERSON`, `UNKNOWN_COHORT`, `ALREADY_A_MEMBER`, `ILLEGAL_TRANSITION`."""
    await work.permit(body.community_id)
    if not work.now < body.expires_at <= work.now + LONGEST:
        raise INVALID(
            errors=[
                FieldError(
                    "/expires_at", "out_of_bounds", "An invitation ends within 90 days.", "邀请须在 90 天内到期。"
                )
            ]
        )
    await cohort_of(work.session, community_id=body.community_id, cohort_id=body.cohort_id)
    if body.person_id is not None:
        await _check_person(work, body.community_id, body.person_id)
    community = await existing(work.session, Community, body.community_id)
    if community.status != "open":
        raise refused("illegal_transition", state=community.status)
    code = PREFIX + secrets.token_urlsafe(32)
    row = MemberInvitation(
        community_id=community.id,
        cohort_id=body.cohort_id,
        person_id=body.person_id,
        email=body.email,
        secret_hash=hash_of(code),
        uses=body.uses or 1,
        expires_at=body.expires_at,
        made_by=work.actor,
        created_at=work.now,
    )
    await work.add(row)
    # Whether anybody has the address is told to them alone, never to whoever invites.
    invited = body.person_id or (await queries.person_with(work.session, body.email) if body.email else None)
    if invited is not None:
        news = PersonInvited(row.id, invited, community.name, row.expires_at, work.now)
        await person_invited.happened(work.session, news)
    return Made(row, code)


async def revoke(work: Work, invitation_id: UUID) -> MemberInvitation:
    """Take an invitation back; who came by it stays. Raises `ILLEGAL_TRANSITION` with the state for one that is over."""
    row = await work.permitted(MemberInvitation, invitation_id, lock=True)
    state = row.state_at(work.now)
    if state != "open":
        raise refused("illegal_transition", state=state)
    row.revoked_at, row.revoked_by = work.now, work.actor
    await invitation_ended.happened(work.session, InvitationEnded(row.id, work.now))
    await audit(work.session, work.caller, row, "revoke", {"state": [state, "revoked"]}, work.now)
    return row


async def _check_person(work: Work, community_id: UUID, person_id: UUID) -> None:
    person = await work.session.get(Person, person_id)
    if person is None or person.status != Status.ACTIVE:
        raise UNKNOWN_PERSON(
            errors=[
                FieldError("/person_id", "unknown_person", "No active person has this id.", "没有这个 ID 的在职人员。")
            ]
        )
    member = await find_member(work.session, community_id=community_id, person_id=person_id)
    if member is not None and still_a_member(member):
        raise refused("already_a_member")
    if member is not None and member.status == "expelled":
        raise refused("illegal_transition", state=member.status)
