"""A proposal and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.events.permissions import ACTIVITIES_READ, PROPOSALS_CREATE, PROPOSALS_DECIDE
from services.events.proposals.models import Proposal
from services.events.proposals.rules import OWN


@dataclass(frozen=True, slots=True)
class SeenProposal:
    """A proposal that the caller may read: their own, or one that they decide about."""

    proposal: Proposal
    standing: Standing

    @property
    def mine(self) -> bool:
        """Whether the caller proposed it."""
        return self.standing.member_id == self.proposal.proposer_id

    @property
    def decides(self) -> bool:
        """Whether the caller is one of those who decide."""
        return decides(self.standing)


def decides(standing: Standing) -> bool:
    """Whether somebody decides about a community's proposals."""
    return Reach.ALL in PROPOSALS_DECIDE.reach(standing.columns)


async def seen_proposal(work: Work, key: UUID, *, to: str | None = None) -> SeenProposal:
    """The proposal, locked if something is done `to` it. Raises `NOT_FOUND`, `FORBIDDEN`, `CONFLICT_OF_INTEREST`."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    proposal = await existing(work.session, Proposal, key, lock=to is not None)
    reader = await _standing(work, proposal)
    seen = SeenProposal(proposal, reader)
    if not seen.mine and not seen.decides:
        raise NOT_FOUND()
    if work.permission != PROPOSALS_CREATE:
        await authorize(work.session, work.caller, work.permission, proposal.community_id, own=True, now=work.now)
    code = forbidden(seen, to) if to is not None else None
    if code is not None:
        raise (CONFLICT_OF_INTEREST if code == CONFLICT_OF_INTEREST.code else FORBIDDEN)()
    return seen


def forbidden(seen: SeenProposal, action: str) -> str | None:
    """The code with which an action is refused to the caller whatever the state; None where it is theirs."""
    if action in OWN:
        return None if seen.mine else FORBIDDEN.code
    if not seen.decides:
        return FORBIDDEN.code
    return CONFLICT_OF_INTEREST.code if seen.mine else None


async def _standing(work: Work, proposal: Proposal) -> Standing:
    return await authorize(
        work.session,
        work.caller,
        PROPOSALS_CREATE,
        proposal.community_id,
        own=True,
        seen_by=ACTIVITIES_READ,
        now=work.now,
    )
