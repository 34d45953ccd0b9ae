"""Use cases of promotions by decision."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import among, insert_new, upsert_many
from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing
from chassis.problems import (
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
    INVALID,
    NOT_FOUND,
    FieldError,
)
from chassis.projections.members import LEFT_STATUSES, KnownMember, known_member
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from contracts.gamification import PromotionDecided, PromotionNominated, Rung, Votes
from services.gamification.base import known
from services.gamification.deeds.service import tell
from services.gamification.earning.rulebook import lock_rules
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.wallets import lock_wallets, save
from services.gamification.levels.ladders import ladder_of
from services.gamification.levels.promoting import NOT_DECIDED, NOT_NEXT, XP_SHORT, give
from services.gamification.levels.schemas import PromotionCreate
from services.gamification.permissions import PROMOTIONS_DECIDE, PROMOTIONS_NOMINATE, PROMOTIONS_VOTE
from services.gamification.promotions.access import SeenNomination, refusal
from services.gamification.promotions.models import CommitteeMember, Nomination, PromotionVote
from services.gamification.promotions.problems import (
    COMMITTEE_DECIDES,
    NO_COMMITTEE,
    VOTES_MISSING,
)
from services.gamification.promotions.queries import committee, votes_on
from services.gamification.promotions.rules import is_carried, votes_needed
from services.gamification.promotions.schemas import DecisionBody, VoteBody

_committees: Any = CommitteeMember.__table__  # type: ignore[attr-defined]
_votes: Any = PromotionVote.__table__  # type: ignore[attr-defined]


async def put_committee(work: Work, community_id: UUID, member_ids: set[UUID]) -> list[UUID]:
    """Name the committee. Raises `INVALID` for who is no member."""
    await work.permit(community_id)
    statement = select(known.members.c.id).where(
        among(work.session, known.members.c.id, member_ids),
        known.members.c.community_id == community_id,
        known.members.c.status.not_in(sorted(LEFT_STATUSES)),
    )
    there = set((await work.session.execute(statement)).scalars()) if member_ids else set()
    if member_ids - there:
        raise INVALID(
            errors=[FieldError("/member_ids", "unknown", "Only members of this community.", "只能是本社群成员。")]
        )
    # Who names it at once with somebody else names all of it: one of the two, and never both together.
    await lock_rules(work.session, community_id)
    before = (await committee(work.session, [community_id]))[community_id]
    of_community = col(CommitteeMember.community_id) == community_id
    gone = of_community & col(CommitteeMember.member_id).not_in(sorted(member_ids)) if member_ids else of_community
    await work.session.execute(delete(CommitteeMember).where(gone))
    rows = [
        {"community_id": community_id, "member_id": one, "named_at": work.now, "named_by": work.actor}
        for one in sorted(member_ids)
    ]
    await insert_new(work.session, _committees, rows, key=["community_id", "member_id"])
    changes: dict[str, Sequence[Any]] = {
        "committee": [[str(one) for one in before], [str(one) for one in sorted(member_ids)]]
    }
    about = AuditObject("ladder", community_id, community_id)
    await audit(work.session, work.caller, about, "committee.write", changes, work.now)
    return sorted(member_ids)


async def decide_alone(work: Work, member_id: UUID, level: str, reason: str) -> None:
    """Give a level where no committee is named. Raises `COMMITTEE_DECIDES`, `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, else as `give`."""
    member = await _nominee(work, member_id)
    await authorize(work.session, work.caller, PROMOTIONS_DECIDE, member.community_id, now=work.now)
    _not_about_the_caller(work, member)
    _require_here(member)
    if (await committee(work.session, [member.community_id]))[member.community_id]:
        raise COMMITTEE_DECIDES()
    before, after = await give(work.session, member_id, member.community_id, level, work.now)
    await _audit(work, member_id, member.community_id, "promotions.decide", {"level": [before, after]}, reason)


async def nominate(work: Work, body: PromotionCreate) -> SeenNomination:
    """Propose a member. Raises `NO_COMMITTEE`, `NOT_DECIDED`, `NOT_NEXT`, `XP_SHORT`, `CONFLICT_OF_INTEREST`, `ALREADY_EXISTS`, `ILLEGAL_TRANSITION`."""
    member = await _nominee(work, body.member_id)
    electorate = (await committee(work.session, [member.community_id]))[member.community_id]
    standing = await _seat(work, member.community_id, electorate, PROMOTIONS_NOMINATE)
    _not_about_the_caller(work, member)
    if not electorate:
        raise NO_COMMITTEE()
    _require_here(member)
    wallet = await work.session.get(Wallet, member.id)
    ladder = await ladder_of(work.session, member.community_id)
    rung = ladder.rung_of(body.level)
    if rung is None or not rung.decided:
        raise NOT_DECIDED(levels=[one.code for one in ladder.rungs if one.decided])
    present = ladder.level(wallet, work.now) if wallet else ladder.rungs[0]
    if rung.position != present.position + 1:
        raise NOT_NEXT(level=present.code)
    xp = wallet.xp if wallet else 0
    if xp < rung.xp:
        raise XP_SHORT(required=rung.xp, xp=xp)
    nomination = Nomination(
        community_id=member.community_id,
        member_id=member.id,
        from_code=present.code,
        from_position=present.position,
        level=rung.code,
        to_position=rung.position,
        reason=body.reason,
        nominated_at=work.now,
        nominated_by=work.actor,
    )
    work.session.add(nomination)
    await work.session.flush()
    await _tell(work, nomination)
    changes: dict[str, Sequence[Any]] = {"level": [present.code, rung.code]}
    await _audit(work, member.id, member.community_id, "promotions.nominate", changes, body.reason)
    return SeenNomination(nomination, standing, electorate)


async def vote(work: Work, nomination_id: UUID, body: VoteBody) -> SeenNomination:
    """Vote, or vote otherwise, until it is decided. Raises `NOT_ON_COMMITTEE`, `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`."""
    nomination = await existing(work.session, Nomination, nomination_id, lock=True)
    electorate = (await committee(work.session, [nomination.community_id]))[nomination.community_id]
    standing = await _seat(work, nomination.community_id, electorate, PROMOTIONS_VOTE)
    _require("vote", SeenNomination(nomination, standing, electorate))
    row = {
        "nomination_id": nomination.id,
        "member_id": standing.member_id,
        "in_favour": body.in_favour,
        "reason": body.reason,
        "voted_at": work.now,
    }
    await upsert_many(
        work.session, _votes, [row], key=["nomination_id", "member_id"], update=["in_favour", "reason", "voted_at"]
    )
    await _count(work.session, nomination, electorate)
    return SeenNomination(nomination, standing, electorate)


async def decide(work: Work, nomination_id: UUID, body: DecisionBody) -> SeenNomination:
    """Decide. Raises `VOTES_MISSING`, `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, and if it is granted, as `give`."""
    nomination = await existing(work.session, Nomination, nomination_id, lock=True)
    standing = await authorize(work.session, work.caller, PROMOTIONS_DECIDE, nomination.community_id, now=work.now)
    electorate = (await committee(work.session, [nomination.community_id]))[nomination.community_id]
    seen = SeenNomination(nomination, standing, electorate)
    _require("decide", seen)
    # Votes of who is no longer on the committee do not count.
    await _count(work.session, nomination, electorate)
    if body.outcome == "granted":
        _require_here(await known_member(work.session, nomination.member_id))
        size = len(set(electorate) - {nomination.member_id})
        if not is_carried(nomination.in_favour, nomination.against, size):
            raise VOTES_MISSING(in_favour=nomination.in_favour, against=nomination.against, required=votes_needed(size))
        await give(work.session, nomination.member_id, nomination.community_id, nomination.level, work.now)
    nomination.status, nomination.decided_at = body.outcome, work.now
    nomination.decided_by, nomination.decided_because = work.actor, body.reason
    await work.session.flush()
    await _tell(work, nomination)
    changes: dict[str, Sequence[Any]] = {
        "level": [nomination.from_code, nomination.level],
        "outcome": [None, body.outcome],
    }
    await _audit(work, nomination.member_id, nomination.community_id, "promotions.decide", changes, body.reason)
    return seen


async def seen(work: Work, nomination_id: UUID) -> SeenNomination:
    """A nomination that the caller may read: the committee, operators and owners, but nobody their own."""
    nomination = await existing(work.session, Nomination, nomination_id)
    electorate = (await committee(work.session, [nomination.community_id]))[nomination.community_id]
    standing = await _seat(work, nomination.community_id, electorate, PROMOTIONS_VOTE)
    found = SeenNomination(nomination, standing, electorate)
    if found.is_about_reader:
        raise NOT_FOUND()
    return found


async def listing_for(work: Work, community_id: UUID) -> Standing:
    """Whoever may read a community's nominations."""
    electorate = (await committee(work.session, [community_id]))[community_id]
    return await _seat(work, community_id, electorate, PROMOTIONS_VOTE)


async def _seat(work: Work, community_id: UUID, electorate: Sequence[UUID], wanted: Any) -> Standing:
    """The caller's standing, as one who may be on the committee."""
    sits = False
    if work.caller is not None and work.caller.kind == "person" and electorate:
        statement = select(known.members.c.id).where(
            known.members.c.community_id == community_id, known.members.c.person_id == work.caller.id
        )
        sits = (await work.session.execute(statement)).scalar_one_or_none() in electorate
    return await authorize(work.session, work.caller, wanted, community_id, assigned=sits, now=work.now)


async def _nominee(work: Work, member_id: UUID) -> KnownMember:
    member = await known_member(work.session, member_id)
    if member is None:
        raise NOT_FOUND()
    return member


def _require_here(member: KnownMember | None) -> None:
    """Who left rises no further: a level grants roles. It is decided when they are back."""
    if member is not None and member.status in LEFT_STATUSES:
        raise ILLEGAL_TRANSITION(state=member.status)


async def _count(session: AsyncSession, nomination: Nomination, electorate: Sequence[UUID]) -> None:
    votes = [one for one in await votes_on(session, [nomination.id]) if one.member_id in electorate]
    nomination.in_favour = sum(one.in_favour for one in votes)
    nomination.against = len(votes) - nomination.in_favour
    await session.flush()


async def _tell(work: Work, nomination: Nomination) -> None:
    wallets = await lock_wallets(work.session, {nomination.member_id: nomination.community_id})
    wallet = wallets[nomination.member_id]
    data: dict[str, Any] = {
        "community_id": nomination.community_id,
        "promotion_id": nomination.id,
        "member_id": nomination.member_id,
        "from_": Rung(code=nomination.from_code, position=nomination.from_position),
        "to": Rung(code=nomination.level, position=nomination.to_position),
    }
    event: PromotionNominated | PromotionDecided
    if nomination.status == "nominated":
        event = PromotionNominated(**data)
    else:
        votes = Votes(in_favour=nomination.in_favour, against=nomination.against)
        event = PromotionDecided(**data, outcome=nomination.status, votes=votes)
    outgoing = Outgoing(event, wallet.bump(), work.now)
    await save(work.session, [wallet])
    await tell(work.session, [outgoing])


def _not_about_the_caller(work: Work, member: KnownMember) -> None:
    if work.caller is not None and work.caller.kind == "person" and member.person_id == work.caller.id:
        raise CONFLICT_OF_INTEREST()


def _require(action: str, seen: SeenNomination) -> None:
    refused = refusal(action, seen)
    if refused is ILLEGAL_TRANSITION:
        raise ILLEGAL_TRANSITION(state=seen.nomination.status)
    if refused is not None:
        raise refused()


async def _audit(
    work: Work, member_id: UUID, community_id: UUID, action: str, changes: dict[str, Sequence[Any]], reason: str
) -> None:
    about = AuditObject("member", member_id, community_id)
    await audit(work.session, work.caller, about, action, {**changes, "reason": [None, reason]}, work.now)
