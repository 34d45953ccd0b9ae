"""Use cases of proposals: handing one in, and what becomes of it."""

from uuid import UUID

from chassis.audit import audit
from chassis.problems import FORBIDDEN, refused
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.events.activities import service as activities
from services.events.activities.schemas import ActivityCreate, ReasonGiven
from services.events.activities.texts import tell_text
from services.events.permissions import PROPOSALS_CREATE
from services.events.proposals.access import SeenProposal, seen_proposal
from services.events.proposals.models import Proposal
from services.events.proposals.rules import refusal
from services.events.proposals.schemas import ProposalAccept, ProposalCreate, ProposalPatch
from services.events.speakers import service as speakers
from services.events.speakers.schemas import SpeakerInvite


async def submit(work: Work, body: ProposalCreate) -> SeenProposal:
    """Propose an activity."""
    standing = await authorize(work.session, work.caller, PROPOSALS_CREATE, body.community_id, own=True, now=work.now)
    if standing.member_id is None:
        raise FORBIDDEN()
    proposal = Proposal(**body.model_dump(), proposer_id=standing.member_id, created_at=work.now)
    work.session.add(proposal)
    await work.session.flush()
    await _tell_text(work, proposal)
    await audit(work.session, work.caller, proposal, "create", {"title": [None, proposal.title]}, work.now)
    return SeenProposal(proposal, standing)


async def edit(work: Work, key: UUID, body: ProposalPatch, if_match: int) -> SeenProposal:
    """Propose something else, as long as nobody has decided."""
    seen = await seen_proposal(work, key, to="update")
    proposal = seen.proposal
    require_match(proposal.version, if_match)
    _refuse(proposal, "update")
    changes = changed_by(body.model_dump(include=body.model_fields_set), proposal)
    if changes:
        proposal.sqlmodel_update({name: after for name, (_, after) in changes.items()})
        proposal.version += 1
        if not {"title", "description", "wishes"}.isdisjoint(changes):
            await _tell_text(work, proposal)
        await audit(work.session, work.caller, proposal, "update", {"fields": [None, sorted(changes)]}, work.now)
    return seen


async def withdraw(work: Work, key: UUID) -> SeenProposal:
    """Propose it no more. Again, it changes nothing."""
    seen = await seen_proposal(work, key, to="withdraw")
    if seen.proposal.status != "withdrawn":
        await _turn(work, seen, "withdraw", "withdrawn")
    return seen


async def decline(work: Work, key: UUID, body: ReasonGiven, if_match: int) -> SeenProposal:
    """Say that it does not take place, and why."""
    seen = await seen_proposal(work, key, to="decline")
    require_match(seen.proposal.version, if_match)
    await _turn(work, seen, "decline", "declined")
    seen.proposal.reason = body.reason
    return seen


async def accept(work: Work, key: UUID, body: ProposalAccept, if_match: int) -> SeenProposal:
    """Make a draft of it, which its proposer runs or speaks at. Who has left does neither."""
    seen = await seen_proposal(work, key, to="accept")
    proposal = seen.proposal
    require_match(proposal.version, if_match)
    _refuse(proposal, "accept")
    proposer = await known_member(work.session, proposal.proposer_id)
    here = proposer is not None and proposer.status not in LEFT_STATUSES
    draft = ActivityCreate(
        **proposal.taken_over(),
        **body.model_dump(include={"starts_at", "ends_at", "time_zone"}),
        organiser_ids={proposal.proposer_id} if body.organises and here else set(),
    )
    made = (await activities.create(work, draft)).activity
    if here and (proposal.speaks if body.speaks is None else body.speaks):
        await speakers.invite(work, made.id, SpeakerInvite(member_id=proposal.proposer_id))
    proposal.activity_id = made.id
    await _turn(work, seen, "accept", "accepted")
    return seen


async def _tell_text(work: Work, proposal: Proposal) -> None:
    text = {"title": proposal.title, "description": proposal.description, "wishes": proposal.wishes}
    await tell_text(work, proposal, kind="proposal", author_id=proposal.proposer_id, text=text)


async def _turn(work: Work, seen: SeenProposal, action: str, status: str) -> None:
    proposal, before = seen.proposal, seen.proposal.status
    _refuse(proposal, action)
    proposal.sqlmodel_update({"status": status, "version": proposal.version + 1})
    if not seen.mine:
        proposal.sqlmodel_update({"decided_by_id": seen.standing.member_id, "decided_at": work.now})
    await work.session.flush()
    await audit(work.session, work.caller, proposal, action, {"status": [before, status]}, work.now)


def _refuse(proposal: Proposal, action: str) -> None:
    code = refusal(action, status=proposal.status)
    if code is not None:
        raise refused(code, state=proposal.status)
