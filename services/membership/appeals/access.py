"""Who may read an appeal, and what they may do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.membership.appeals.models import Appeal
from services.membership.appeals.queries import runners_of
from services.membership.appeals.rules import deciding_refusal
from services.membership.appeals.things import Thing, things_of
from services.membership.permissions import APPEALS_DECIDE, PENALTIES_READ
from services.membership.roster.joining import lock_member
from services.membership.roster.queries import member_and_person


@dataclass(frozen=True, slots=True)
class AppealSeen:
    """An appeal that the caller may read, what it is about, and what the caller is to it."""

    appeal: Appeal
    thing: Thing
    standing: Standing
    appellant_id: UUID
    """The person whose appeal it is."""
    is_appellant: bool
    is_reviewer: bool
    for_reviewer: bool

    @property
    def state(self) -> str:
        """Where it stands: what was taken back meanwhile leaves nothing to decide."""
        return "lifted" if self.appeal.status == "open" and self.thing.undone else self.appeal.status


async def found(work: Work, appeal_id: UUID, *, lock: bool = False) -> AppealSeen:
    """An appeal, if the caller may do with it what the operation is for: their own, what they review, or, for operators and owners, any.

    `lock`: its member first, then what it is about and the appeal itself. Raises `NOT_FOUND`, else what `authorize` raises.
    """
    session = work.session
    appeal = await existing(session, Appeal, appeal_id)
    _, person = await (lock_member if lock else member_and_person)(session, appeal.member_id)
    if lock:
        appeal = await existing(session, Appeal, appeal_id, lock=True)
    caller_id = work.caller.id if work.caller is not None and work.caller.kind == "person" else None
    is_appellant, is_reviewer = caller_id == person.id, caller_id is not None and caller_id == appeal.reviewer_id
    standing = await authorize(
        session,
        work.caller,
        work.permission or PENALTIES_READ,
        appeal.community_id,
        own=is_appellant or is_reviewer,
        assigned=is_reviewer,
        invited=is_reviewer,
        seen_by=PENALTIES_READ,
        now=work.now,
    )
    things = await things_of(session, [appeal], work.now)
    thing = things.get(appeal.object_id)
    if thing is None:
        raise NOT_FOUND()
    runs = await runners_of(session, appeal.community_id, work.now)
    return AppealSeen(
        appeal,
        thing,
        standing,
        person.id,
        is_appellant,
        is_reviewer,
        needs_reviewer(thing, runs),
    )


def needs_reviewer(thing: Thing, runs: Iterable[str]) -> bool:
    """Whether nobody who runs the community may decide: it is about one of them, or all of them took part."""
    return thing.of_runner or not set(runs) - thing.took_part


def deciding(work: Work, seen: AppealSeen) -> str | None:
    """The problem code with which the caller's decision would be refused now; None if it is possible."""
    reach = APPEALS_DECIDE.reach(seen.standing.columns)
    if Reach.ALL not in reach and not (seen.is_reviewer and Reach.ASSIGNED in reach):
        return "forbidden"
    code = deciding_refusal(
        actor=work.actor,
        took_part=seen.thing.took_part,
        is_appellant=seen.is_appellant,
        for_reviewer=seen.for_reviewer,
        is_reviewer=seen.is_reviewer,
    )
    if code is not None:
        return code
    return None if seen.state == "open" else "illegal_transition"


async def has_others(session: AsyncSession, seen: AppealSeen, now: datetime) -> bool:
    """Whether somebody who runs the community may decide it."""
    return not needs_reviewer(seen.thing, await runners_of(session, seen.appeal.community_id, now))
