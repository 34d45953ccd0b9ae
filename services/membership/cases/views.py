"""How cases and reports are answered."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from chassis.contributions import ObjectRef
from chassis.security.authority import Standing
from chassis.web.embeds import with_members
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.cases.models import Case, ConductReport
from services.membership.cases.rules import Action
from services.membership.cases.schemas import CasePublic, CaseReportPublic, ConductReportPublic
from services.membership.cases.working import Seen, refusal
from services.membership.penalties.schemas import RuleBrokenPublic
from services.membership.roster.queries import embedded_by_id
from services.membership.rule_sets.queries import ids_by_number, rule_set_at


async def cases(work: Work, standing: Standing, rows: Sequence[Case]) -> list[CasePublic]:
    """Cases of one community that the caller is no party to, with what they can do about each."""
    ids = {one.member_id for one in rows} | {one.claimed_by_id for one in rows if one.claimed_by_id is not None}
    members = await embedded_by_id(work.session, ids, work.now)
    versions = {one.rule_version for one in rows if one.rule_version is not None}
    rule_sets = await ids_by_number(work.session, standing.community.id, versions)
    me = work.caller.id if work.caller is not None else None
    return [
        CasePublic(
            id=one.id,
            community_id=one.community_id,
            member=members[one.member_id],
            object=_thing(one),
            category=one.category,
            status=one.status,
            deed_at=one.deed_at,
            opened_at=one.opened_at,
            reported_at=one.reported_at,
            reports=one.reports + one.content_reports,
            found=one.found,
            for_reviewer=one.for_reviewer,
            has_reviewer=one.reviewer_id is not None,
            claimed_by=members[one.claimed_by_id] if one.claimed_by_id is not None else None,
            claimed_at=one.claimed_at,
            decided_at=one.decided_at,
            reason=one.reason,
            rule=_rule(one, rule_sets),
            penalty_id=one.penalty_id,
            viewer=_viewer(work, Seen(one, standing, False, one.reviewer_id is not None and one.reviewer_id == me)),
        )
        for one in rows
    ]


async def case(work: Work, seen: Seen) -> CasePublic:
    """One case, with the rules by which it is decided: whoever confirms it chooses among them."""
    one = seen.case
    (answer,) = await cases(work, seen.standing, [one])
    then = await rule_set_at(work.session, one.community_id, one.deed_at)
    answer.rule_set_id = None if then is None else then.id
    return answer


async def reports(work: Work, rows: Sequence[ConductReport]) -> list[CaseReportPublic]:
    """Reports of a case, with who made them."""
    return await with_members(CaseReportPublic, rows, lambda ids: embedded_by_id(work.session, ids, work.now))


async def report(work: Work, made: ConductReport) -> ConductReportPublic:
    """A report, for the member who made it."""
    members = await embedded_by_id(work.session, {made.member_id}, work.now)
    return ConductReportPublic(
        id=made.id,
        community_id=made.community_id,
        member=members[made.member_id],
        object=_thing(made),
        category=made.category,
        words=made.words,
        reported_at=made.reported_at,
    )


def _thing(row: Any) -> ObjectRef | None:
    found: UUID | None = row.object_id
    return ObjectRef(kind=row.object_kind, id=found) if found is not None else None


def _rule(case: Case, rule_sets: Mapping[int, UUID]) -> RuleBrokenPublic | None:
    if case.rule_code is None or case.rule_version is None:
        return None
    version = case.rule_version
    return RuleBrokenPublic(code=case.rule_code, version=version, rule_set_id=rule_sets.get(version))


def _viewer(work: Work, seen: Seen) -> Viewer:
    actions: tuple[Action, ...] = get_args(Action)
    if seen.standing.community.status == "archived":
        return Viewer.of(dict.fromkeys(actions, "community_archived"))
    return Viewer.of({action: refusal(work, seen, action) for action in actions})
