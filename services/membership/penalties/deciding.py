"""Use cases of penalties: reading them, the second person's word, and taking one back."""

from collections.abc import Sequence
from uuid import UUID

from chassis.audit import Changes, audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import INVALID, NOT_FOUND, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.membership.penalties import queries
from services.membership.penalties.lifting import lift
from services.membership.penalties.models import Penalty
from services.membership.penalties.rules import DECAY, Sanction, points_at, sanction_at
from services.membership.penalties.schemas import ConductStanding, DecayPublic, PenaltyLift
from services.membership.penalties.service import Locked, lock_penalty, second
from services.membership.penalties.views import lifting, reported_of, reviewed_of, seconding, shown
from services.membership.permissions import PENALTIES_LIFT, PENALTIES_READ
from services.membership.roster.joining import find_member
from services.membership.roster.models import Member
from services.membership.roster.owners import other_owners
from services.membership.roster.queries import member_and_person
from services.membership.roster.rules import ending_refusal

ONE_MISSING = FieldError(
    "#/query/community_id", "missing", "Give community_id or member_id.", "请给出 community_id 或 member_id。"
)


async def read_penalty(work: Work, penalty_id: UUID) -> tuple[Penalty, Standing]:
    """A penalty that the caller may read: their own, what they imposed, which they may have to lift, and operators and owners any.

    To everybody else it is not there. Raises `NOT_FOUND`.
    """
    penalty = await existing(work.session, Penalty, penalty_id)
    member = await existing(work.session, Member, penalty.member_id)
    own = _is_own(work, member) or penalty.imposed_by == work.actor
    standing = await authorize(
        work.session,
        work.caller,
        PENALTIES_READ,
        penalty.community_id,
        own=own,
        seen_by=PENALTIES_READ,
        now=work.now,
    )
    return penalty, standing


async def listing(
    work: Work, *, community_id: UUID | None, member_id: UUID | None, proposed: bool | None
) -> tuple[Listing, Standing]:
    """The penalties in a community, or of one member, that the caller may read, and what the caller is there."""
    own = False
    if member_id is not None:
        member, _ = await member_and_person(work.session, member_id)
        if community_id not in (None, member.community_id):
            raise NOT_FOUND()
        community_id, own = member.community_id, _is_own(work, member)
    elif community_id is None:
        raise INVALID(errors=[ONE_MISSING])
    elif work.caller is not None and work.caller.kind == "person":
        own = await find_member(work.session, community_id=community_id, person_id=work.caller.id) is not None
    standing = await _may_read(work, PENALTIES_READ, community_id, own=own)
    if member_id is None and not standing.sees_all:
        member_id = standing.member_id
    return queries.listing(
        community_id=community_id, member_id=member_id, proposed=proposed if standing.sees_all else None
    ), standing


async def read_standing(work: Work, member_id: UUID) -> ConductStanding:
    """What counts against a member now. They read it themselves, also after they left, and operators and owners."""
    member, _ = await member_and_person(work.session, member_id)
    standing = await _may_read(work, PENALTIES_READ, member.community_id, own=_is_own(work, member))
    recent: Sequence[Penalty] = await queries.recent(work.session, member.id, work.now)
    revisions = (await queries.revisions_of(work.session, [member.id], work.now))[member.id]
    held = sanction_at(revisions, work.now)
    return ConductStanding(
        member_id=member.id,
        community_id=member.community_id,
        violation_points=points_at(revisions, work.now),
        decays=[
            DecayPublic(penalty_id=one.id, points=one.violation_points, until=one.imposed_at + DECAY)
            for one in reversed(recent)
            if one.violation_points and work.now < one.imposed_at + DECAY
        ],
        sanction=held.sanction if held else None,
        until=held.until if held else None,
        penalties=await shown(work, standing, recent),
    )


async def agree(work: Work, penalty_id: UUID, sanction: Sanction | None, if_match: int) -> tuple[Penalty, Standing]:
    """Agree, as the second person, to what another proposed, or to less; None leaves it at what holds already.

    Raises `CONFLICT_OF_INTEREST` for the first person, for the member and for who reported it, `ILLEGAL_TRANSITION`, `LAST_OWNER`.
    """
    locked, standing = await _found(work, penalty_id)
    reported = await reported_of(work, standing, [locked.penalty])
    code = seconding(work, standing, locked.penalty, sanction, reported)
    if code in ("forbidden", "conflict_of_interest"):
        raise refused(code)
    require_match(locked.penalty.version, if_match)
    if code is not None:
        raise refused(code, state=locked.penalty.proposed or locked.penalty.sanction)
    if sanction == "expel":
        await _keep_an_owner(work, locked)
    before = locked.penalty.sanction
    changes: Changes = {"proposed": [locked.penalty.proposed, None], "sanction": [before, sanction or before]}
    await second(work.session, locked, sanction, now=work.now)
    await audit(work.session, work.caller, locked.penalty, "second" if sanction else "forgo", changes, work.now)
    return locked.penalty, standing


async def take_back(work: Work, penalty_id: UUID, body: PenaltyLift, if_match: int) -> tuple[Penalty, Standing]:
    """Lift a penalty that should not have been.

    Raises `FORBIDDEN` for a moderator who did not impose it alone, `CONFLICT_OF_INTEREST` where an appointed reviewer imposed it.
    """
    noted = await existing(work.session, Penalty, penalty_id)
    mine = noted.imposed_by == work.actor
    locked, standing = await _found(work, penalty_id, assigned=mine)
    code = lifting(work, standing, locked.penalty, await reviewed_of(work, standing, [locked.penalty]))
    if code in ("forbidden", "conflict_of_interest"):
        raise refused(code)
    require_match(locked.penalty.version, if_match)
    if code is not None:
        raise refused(code, state="lifted")
    penalty = locked.penalty
    changes: Changes = {
        "violation_points": [penalty.violation_points, 0],
        "fine": [penalty.fine, 0],
        "sanction": [penalty.sanction, None],
        "reason": [None, body.reason],
    }
    penalty.words = body.words or penalty.words
    await lift(work.session, locked, now=work.now)
    await audit(work.session, work.caller, penalty, "lift", changes, work.now)
    return penalty, standing


async def _found(work: Work, penalty_id: UUID, *, assigned: bool = False) -> tuple[Locked, Standing]:
    """A locked penalty that the caller may do this with. To whoever may not read it, it is not there. Raises `NOT_FOUND`."""
    locked = await lock_penalty(work.session, penalty_id)
    standing = await authorize(
        work.session,
        work.caller,
        work.permission or PENALTIES_LIFT,
        locked.penalty.community_id,
        own=_is_own(work, locked.member) or locked.penalty.imposed_by == work.actor,
        assigned=assigned,
        seen_by=PENALTIES_READ,
        now=work.now,
    )
    return locked, standing


async def _may_read(work: Work, permission: Permission, community_id: UUID, *, own: bool = False) -> Standing:
    return await authorize(work.session, work.caller, permission, community_id, own=own, now=work.now)


async def _keep_an_owner(work: Work, locked: Locked) -> None:
    member = locked.member
    if "owner" not in member.roles_at(work.now):
        return
    left = await other_owners(
        work.session, community_id=member.community_id, member_id=member.id, now=work.now, lock=True
    )
    if ending_refusal(status=member.status_at(work.now), is_owner=True, owners_left=left) == "last_owner":
        raise refused("last_owner")


def _is_own(work: Work, member: Member) -> bool:
    return work.caller is not None and work.caller.kind == "person" and work.caller.id == member.person_id
