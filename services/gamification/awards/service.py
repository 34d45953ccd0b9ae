"""The use cases of awards by hand: proposing, approving, refusing; the budget; and whether a citation is public."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import among
from chassis.database.rows import existing
from chassis.database.statements import insert_or_ignore
from chassis.days import month_of
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, INVALID, NOT_FOUND, ProblemType
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.security.authority import MemberFacts, Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.gamification.awards import problems, queries
from services.gamification.awards.models import Award, AwardBudget
from services.gamification.awards.rules import BUDGET, needs_approval, room_left
from services.gamification.awards.schemas import AwardBudgetPublic, AwardBudgetPut, AwardFields
from services.gamification.base import known
from services.gamification.ledger.service import Posting, lock_wallets, post
from services.gamification.permissions import AWARDS_APPROVE, AWARDS_CITE, AWARDS_READ

_members = known.members.c


@dataclass(frozen=True, slots=True)
class SeenAward:
    """An award that the caller may read, and what they are in the community."""

    award: Award
    standing: Standing

    @property
    def of_caller(self) -> bool:
        """Whether it is for the caller."""
        return self.award.member_id == self.standing.member_id


def refusal(action: str, seen: SeenAward) -> ProblemType | None:
    """Why the caller cannot approve, refuse or cite an award now; None where they can."""
    award = seen.award
    if action == "cite":
        if not seen.of_caller or not AWARDS_CITE.reach(seen.standing.columns):
            return FORBIDDEN
        return problems.NO_CITATION if award.citation is None or award.status != "given" else None
    if Reach.ALL not in AWARDS_APPROVE.reach(seen.standing.columns):
        return FORBIDDEN
    if award.status != "pending":
        return problems.AWARD_DECIDED
    decides = seen.standing.member_id
    return CONFLICT_OF_INTEREST if decides is not None and decides in (award.proposer_id, award.member_id) else None


def reads_all(standing: Standing) -> bool:
    """Whether the caller reads all of every award: operators, owners and services, whatever they do with it now."""
    return Reach.ALL in AWARDS_READ.reach(standing.columns)


async def propose(work: Work, community_id: UUID, wanted: Sequence[AwardFields], *, where: str = "") -> list[Award]:
    """Give points by hand, or propose what needs a second person: all or nothing.

    Raises `INVALID` for who is no member, `CONFLICT_OF_INTEREST` about the caller, `NO_APPROVER`, `BUDGET_SPENT`.
    """
    standing = await authorize(work.session, work.caller, work.permission or AWARDS_READ, community_id, now=work.now)
    proposer = standing.member
    if proposer is None:
        raise FORBIDDEN()
    await _check_members(work.session, community_id, wanted, where)
    if any(each.member_id == proposer.id for each in wanted):
        raise CONFLICT_OF_INTEREST()
    if any(needs_approval(each.points) for each in wanted):
        await _check_approver(work.session, community_id, proposer)
    month = month_of(standing.community.day_of(work.now))
    budget = await _budget(work.session, community_id, lock=True)
    members = {proposer.id, *(each.member_id for each in wanted)}
    await lock_wallets(work.session, dict.fromkeys(members, community_id))
    total = sum(each.points for each in wanted)
    left = room_left(budget.per_person, await queries.used_by(work.session, proposer.id, month))
    if budget.together is not None:
        left = min(left, room_left(budget.together, await queries.used_in(work.session, community_id, month)))
    if total > left:
        raise problems.BUDGET_SPENT(left=left, required=total)
    awards = [
        Award(
            community_id=community_id,
            proposer_id=proposer.id,
            month=month,
            created_at=work.now,
            status="pending" if needs_approval(each.points) else "given",
            decided_at=None if needs_approval(each.points) else work.now,
            **each.model_dump(exclude={"community_id"}),
        )
        for each in wanted
    ]
    work.session.add_all(awards)
    await work.session.flush()
    await _give(work, [award for award in awards if award.status == "given"])
    for award in awards:
        changes: dict[str, Sequence[Any]] = {"points": [None, award.points], "status": [None, award.status]}
        await audit(work.session, work.caller, _object(award), "awards.create", changes, work.now)
    return awards


async def approve(work: Work, award_id: UUID) -> SeenAward:
    """Give what another proposed. Raises `AWARD_DECIDED`, `MEMBER_GONE`, `CONFLICT_OF_INTEREST` for who proposed it or is to get it."""
    seen = await _to_decide(work, award_id)
    award = seen.award
    receiver = await known_member(work.session, award.member_id)
    if receiver is None or receiver.status in LEFT_STATUSES:
        raise problems.MEMBER_GONE()
    award.status, award.decided_at, award.decided_by = "given", work.now, seen.standing.member_id
    await work.session.flush()
    await _give(work, [award])
    await audit(work.session, work.caller, _object(award), "awards.approve", {"status": ["pending", "given"]}, work.now)
    return seen


async def refuse(work: Work, award_id: UUID, reason: str) -> SeenAward:
    """Refuse what another proposed: its points are of the budget again. Raises as `approve` does."""
    seen = await _to_decide(work, award_id)
    award = seen.award
    award.status, award.decided_at, award.decided_by = "refused", work.now, seen.standing.member_id
    award.refusal = reason
    await work.session.flush()
    changes: dict[str, Sequence[Any]] = {"status": ["pending", "refused"], "reason": [None, reason]}
    await audit(work.session, work.caller, _object(award), "awards.refuse", changes, work.now)
    return seen


async def answer(work: Work, award_id: UUID, *, public: bool) -> SeenAward:
    """Say whether others may read the citation of the caller's award. Raises `NO_CITATION`."""
    seen = await seen_award(work, award_id, lock=True)
    award = seen.award
    if (refused := refusal("cite", seen)) is not None:
        raise refused()
    award.citation_public = public
    await work.session.flush()
    return seen


async def seen_award(work: Work, award_id: UUID, *, lock: bool = False) -> SeenAward:
    """An award that the caller may read: their own, one whose citation is public, or, for operators and owners, any."""
    award = await existing(work.session, Award, award_id, lock=lock)
    receiver = await known_member(work.session, award.member_id)
    of_caller = (
        work.caller is not None
        and work.caller.kind == "person"
        and receiver is not None
        and receiver.person_id == work.caller.id
    )
    shown = award.status == "given" and (of_caller or bool(award.citation_public))
    wanted = work.permission or AWARDS_READ
    standing = await authorize(
        work.session, work.caller, wanted, award.community_id, own=shown, seen_by=AWARDS_READ, now=work.now
    )
    if not (reads_all(standing) or shown):
        raise NOT_FOUND()
    return SeenAward(award, standing)


async def read_budget(work: Work, community_id: UUID) -> AwardBudgetPublic:
    """What may be given by hand, and what is left of it this month."""
    standing = await authorize(work.session, work.caller, work.permission or AWARDS_READ, community_id, now=work.now)
    return await _shown(work, standing, await _budget(work.session, community_id))


async def put_budget(work: Work, community_id: UUID, body: AwardBudgetPut) -> AwardBudgetPublic:
    """Say what may be given by hand in a month."""
    standing = await authorize(work.session, work.caller, work.permission or AWARDS_READ, community_id, now=work.now)
    # Made before it is locked: of two who say it first, one waits for the other.
    first = {"community_id": community_id, "per_person": BUDGET, "together": None}
    await work.session.execute(insert_or_ignore(work.session, AwardBudget.__table__).values(first))  # type: ignore[attr-defined]
    budget = await _budget(work.session, community_id, lock=True)
    before = [budget.per_person, budget.together]
    budget.per_person, budget.together = body.per_person, body.together
    await work.session.flush()
    changes = {"per_person": [before[0], body.per_person], "together": [before[1], body.together]}
    about = AuditObject("community", community_id, community_id)
    await audit(work.session, work.caller, about, "awards.budget", changes, work.now)
    return await _shown(work, standing, budget)


async def _shown(work: Work, standing: Standing, budget: AwardBudget) -> AwardBudgetPublic:
    month, community_id = month_of(standing.community.day_of(work.now)), standing.community.id
    used = await queries.used_by(work.session, standing.member_id, month) if standing.member_id else 0
    together = None
    if budget.together is not None:
        together = room_left(budget.together, await queries.used_in(work.session, community_id, month))
    return AwardBudgetPublic(
        community_id=community_id,
        per_person=budget.per_person,
        together=budget.together,
        left=room_left(budget.per_person, used),
        left_together=together,
    )


async def _budget(session: AsyncSession, community_id: UUID, *, lock: bool = False) -> AwardBudget:
    found = await session.get(AwardBudget, community_id, with_for_update=lock or None, populate_existing=lock)
    return found or AwardBudget(community_id=community_id, per_person=BUDGET, together=None)


async def _to_decide(work: Work, award_id: UUID) -> SeenAward:
    seen = await seen_award(work, award_id, lock=True)
    if (refused := refusal("approve", seen)) is not None:
        raise refused()
    return seen


async def _check_members(session: AsyncSession, community_id: UUID, wanted: Sequence[AwardFields], where: str) -> None:
    ids = {each.member_id for each in wanted}
    rows = await session.execute(
        select(_members.id).where(
            among(session, _members.id, ids), _members.community_id == community_id, _members.status == "active"
        )
    )
    there = set(rows.scalars())
    if where:
        wrong = [
            replace(problems.NO_MEMBER, pointer=f"{where}/{number}{problems.NO_MEMBER.pointer}")
            for number, each in enumerate(wanted)
            if each.member_id not in there
        ]
    else:
        wrong = [] if ids <= there else [problems.NO_MEMBER]
    if wrong:
        raise INVALID(errors=wrong)


async def _check_approver(session: AsyncSession, community_id: UUID, proposer: MemberFacts) -> None:
    """Somebody else can approve it, or it would wait for ever."""
    others = await session.execute(
        select(func.count()).where(
            _members.community_id == community_id,
            _members.status == "active",
            cast(_members.roles, String).like('%"owner"%'),
            _members.person_id != proposer.person_id,
        )
    )
    if not others.scalar_one():
        raise problems.NO_APPROVER()


async def _give(work: Work, awards: Sequence[Award]) -> None:
    if not awards:
        return
    wallets = await lock_wallets(work.session, {award.member_id: award.community_id for award in awards})
    postings = [
        Posting(
            member_id=award.member_id,
            community_id=award.community_id,
            occurred_at=work.now,
            kind="award",
            key=f"award_by_hand:{award.id}",
            source_id=award.id,
            source_type="award.given",
            points=award.points,
            target_kind="award",
            target_id=str(award.id),
        )
        for award in awards
    ]
    await post(work.session, postings, wallets, work.now)


def _object(award: Award) -> AuditObject:
    return AuditObject("award", award.id, award.community_id)
