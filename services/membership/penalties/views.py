"""How penalties are answered, by who reads them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from chassis.contributions import ObjectRef
from chassis.security.authority import Standing
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.penalties.models import Penalty
from services.membership.penalties.occasions import (
    AppealsSought,
    PartiesSought,
    ReviewedSought,
    appeals_sought,
    parties_sought,
    reviewed_sought,
)
from services.membership.penalties.rules import DECAY, lifting_refusal, seconding_refusal
from services.membership.penalties.schemas import PenaltyPublic, RuleBrokenPublic
from services.membership.permissions import PENALTIES_EXPEL, PENALTIES_LIFT, PENALTIES_READ, PENALTIES_SUSPEND
from services.membership.roster.queries import embedded_by_id
from services.membership.rule_sets.queries import ids_by_number


async def shown(work: Work, standing: Standing, penalties: Sequence[Penalty]) -> list[PenaltyPublic]:
    """Penalties of one community with their members, and what the caller can do about them."""
    members = await embedded_by_id(work.session, {one.member_id for one in penalties}, work.now)
    versions = {one.rule_version for one in penalties}
    rule_sets = await ids_by_number(work.session, standing.community.id, versions)
    candid = Reach.ALL in PENALTIES_READ.reach(standing.columns)
    reported = await reported_of(work, standing, penalties)
    reviewed = await reviewed_of(work, standing, penalties)
    # Who imposed a penalty reads it, and no appeal against it.
    told = [one.id for one in penalties if candid or one.member_id == standing.member_id]
    appeals = await _appeals_of(work, told)
    return [
        PenaltyPublic(
            id=one.id,
            community_id=one.community_id,
            member=members[one.member_id],
            case_id=one.case_id,
            rule=RuleBrokenPublic(
                code=one.rule_code, version=one.rule_version, rule_set_id=rule_sets.get(one.rule_version)
            ),
            severity=one.severity,
            violation_points=one.violation_points,
            decays_at=one.imposed_at + DECAY,
            fine=one.fine,
            sanction=one.sanction,
            since=one.since,
            until=one.until,
            objects=[ObjectRef(**each) for each in one.objects],
            words=one.words,
            undone=one.undone,
            imposed_at=one.imposed_at,
            appeal_until=one.appeal_until,
            appeal_id=appeals.get(one.id),
            revision=one.revision,
            proposed=one.proposed if candid else None,
            proposed_at=one.proposed_at if candid else None,
            viewer=viewer_of(work, standing, one, reported, reviewed),
        )
        for one in penalties
    ]


async def _appeals_of(work: Work, penalty_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    if not penalty_ids:
        return {}
    answers = await appeals_sought.happened(work.session, AppealsSought(penalty_ids))
    return {penalty_id: appeal_id for answer in answers for penalty_id, appeal_id in answer.items()}


async def reported_of(work: Work, standing: Standing, penalties: Sequence[Penalty]) -> frozenset[UUID]:
    """Of the cases whose sanctions wait for a second person those that the caller reported."""
    waiting = {one.case_id for one in penalties if one.proposed is not None}
    if standing.member_id is None or not waiting or not PENALTIES_SUSPEND.reach(standing.columns):
        return frozenset()
    answers = await parties_sought.happened(work.session, PartiesSought(standing.member_id, waiting))
    return frozenset(case_id for answer in answers for case_id in answer)


async def reviewed_of(work: Work, standing: Standing, penalties: Sequence[Penalty]) -> frozenset[UUID]:
    """Of the cases whose penalties the caller may lift those that an appointed reviewer decided."""
    case_ids = {one.case_id for one in penalties if not one.undone}
    if not case_ids or not PENALTIES_LIFT.reach(standing.columns):
        return frozenset()
    answers = await reviewed_sought.happened(work.session, ReviewedSought(case_ids))
    return frozenset(case_id for answer in answers for case_id in answer)


def viewer_of(
    work: Work, standing: Standing, penalty: Penalty, reported: Collection[UUID], reviewed: Collection[UUID]
) -> Viewer:
    """What the caller can do about a penalty now. (That a community keeps an owner is found out by trying.)"""
    actions = ("suspend", "expel", "forgo", "lift")
    if standing.community.status == "archived":
        return Viewer.of(dict.fromkeys(actions, "community_archived"))
    return Viewer.of(
        {
            "suspend": seconding(work, standing, penalty, "suspend", reported),
            "expel": seconding(work, standing, penalty, "expel", reported),
            "forgo": seconding(work, standing, penalty, None, reported),
            "lift": lifting(work, standing, penalty, reviewed),
        }
    )


def seconding(
    work: Work, standing: Standing, penalty: Penalty, wanted: str | None, reported: Collection[UUID]
) -> str | None:
    """The problem code with which the caller's word as the second person would be refused; None if it counts."""
    permission = PENALTIES_EXPEL if wanted == "expel" else PENALTIES_SUSPEND
    if not permission.reach(standing.columns):
        return "forbidden"
    return seconding_refusal(
        proposed=penalty.proposed,  # type: ignore[arg-type]  # the check constraint says so
        wanted=wanted,  # type: ignore[arg-type]  # as the operations name them
        is_first=penalty.imposed_by == work.actor,
        is_party=standing.member_id == penalty.member_id or penalty.case_id in reported,
    )


def lifting(work: Work, standing: Standing, penalty: Penalty, reviewed: Collection[UUID]) -> str | None:
    """The problem code with which lifting would be refused to the caller; None if it is possible."""
    reach = PENALTIES_LIFT.reach(standing.columns)
    if not reach:
        return "forbidden"
    return lifting_refusal(
        undone=penalty.undone,
        is_target=standing.member_id == penalty.member_id,
        imposed_it=penalty.imposed_by == work.actor,
        was_seconded=penalty.seconded_by is not None,
        lifts_any=Reach.ALL in reach,
        was_reviewed=penalty.case_id in reviewed,
    )
