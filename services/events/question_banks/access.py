"""A bank and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION, NOT_FOUND, Problem
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.events.permissions import QUESTION_BANKS_WRITE
from services.events.question_banks.models import QuestionBank


@dataclass(frozen=True, slots=True)
class SeenBank:
    """A bank that the caller may read, and what they are in its community."""

    bank: QuestionBank
    standing: Standing

    @property
    def appoints(self) -> bool:
        """Whether the caller says who is appointed to it."""
        return Reach.ALL in QUESTION_BANKS_WRITE.reach(self.standing.columns)

    @property
    def writes(self) -> bool:
        """Whether the caller may change it and its questions."""
        return reaches(self.standing, QUESTION_BANKS_WRITE, self.bank.editor_ids)


async def seen_bank(work: Work, key: UUID, *, lock: bool = False, open_only: bool = False) -> SeenBank:
    """The bank, if the operation's permission reaches it.

    `open_only`: nothing is done any more with one that is archived. Raises `NOT_FOUND`, `FORBIDDEN`, `ILLEGAL_TRANSITION`, and what
    `authorize` raises.
    """
    bank = await existing(work.session, QuestionBank, key, lock=lock)
    standing = await standing_for(work, bank.community_id, bank.editor_ids)
    if open_only and bank.status != "active":
        raise ILLEGAL_TRANSITION(state=bank.status)
    return SeenBank(bank, standing)


async def standing_for(work: Work, community_id: UUID, editor_ids: list[str]) -> Standing:
    """What the caller is in the community of a thing to which these members are appointed.

    Who may not read it does not learn that it is there: raises `NOT_FOUND`, and what else `authorize` raises.
    """
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    try:
        standing = await authorize(
            work.session, work.caller, work.permission, community_id, assigned=True, now=work.now
        )
    except Problem as refusal:
        if refusal.type is FORBIDDEN:
            raise NOT_FOUND() from None
        raise
    if not reaches(standing, work.permission, editor_ids):
        raise NOT_FOUND()
    return standing


def reaches(standing: Standing, wanted: Permission, editor_ids: list[str]) -> bool:
    """Whether a permission reaches a thing to which these members are appointed."""
    reach = wanted.reach(standing.columns)
    appointed = standing.member_id is not None and str(standing.member_id) in editor_ids
    return Reach.ALL in reach or (Reach.ASSIGNED in reach and appointed)
