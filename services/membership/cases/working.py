"""Use cases of those who work cases: reading, claiming, deciding; and of administrators, who appoint reviewers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.audit import AuditObject, Changes, audit
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, INVALID, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.conduct import CaseConfirmed, CaseDismissed
from services.membership.cases import queries
from services.membership.cases.models import Case
from services.membership.cases.occasions import ReviewerAppointed, reviewer_appointed
from services.membership.cases.problems import UNKNOWN_RULE
from services.membership.cases.rulebook import rule_then
from services.membership.cases.rules import Action, too_old, working_refusal
from services.membership.cases.schemas import CaseConfirm
from services.membership.cases.service import close, tell_case
from services.membership.penalties.rules import MOST_FINE
from services.membership.penalties.service import Grounds, impose
from services.membership.people.models import Person
from services.membership.permissions import APPEALS_APPOINT, CASES_READ, CASES_WORK
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.refusals import UNKNOWN_PERSON
from services.membership.roster.joining import find_member, lock_member, still_a_member
from services.membership.roster.models import Member

_NO_RULE = FieldError("/rule", "unknown_rule", "No such rule was in force then.", "当时没有该条款。")
_NOBODY = FieldError("/person_id", "unknown_person", "No such person exists.", "人员不存在。")


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as somebody finds it who may work cases there: whether they are a party to it, and whether it is theirs to decide."""

    case: Case
    standing: Standing
    is_party: bool
    is_reviewer: bool


def refusal(work: Work, seen: Seen, action: Action) -> str | None:
    """The problem code with which the caller would be refused; None if it is possible."""
    case, standing = seen.case, seen.standing
    if not CASES_WORK.reach(standing.columns):
        return "forbidden"
    mine = seen.is_reviewer if case.claimed_by_id is None else case.claimed_by_id == standing.member_id
    return working_refusal(
        action,
        status=case.status,
        is_party=seen.is_party,
        for_reviewer=case.for_reviewer,
        is_reviewer=seen.is_reviewer,
        is_claimer=mine,
        oversees=bool(standing.columns & {"O", "W"}),
        is_too_old=too_old(case.deed_at, work.now),
    )


async def seen_case(work: Work, case_id: UUID) -> Seen:
    """A case that the caller may read. Raises `CONFLICT_OF_INTEREST` for who is a party to it, and where only a reviewer decides."""
    case = await existing(work.session, Case, case_id)
    seen = await _seen(work, case)
    if seen.is_party or (case.for_reviewer and not seen.is_reviewer):
        raise CONFLICT_OF_INTEREST()
    return seen


async def listing(
    work: Work,
    *,
    community_id: UUID,
    status: str | None,
    category: str | None,
    about: UUID | None,
    by_weight: bool,
) -> tuple[Listing, Standing]:
    """The cases that the caller may work, and what they are in the community."""
    person_id = work.caller.id if work.caller is not None else None
    appointed = person_id is not None and await queries.is_reviewer(work.session, community_id, person_id)
    standing = await authorize(work.session, work.caller, CASES_READ, community_id, assigned=appointed, now=work.now)
    everything = Reach.ALL in standing.reach
    found = queries.cases(
        community_id=community_id,
        member_id=standing.member_id if everything else None,
        reviewer_id=None if everything else person_id,
        status=status,
        category=category,
        about=about,
        by_weight=by_weight,
    )
    return found, standing


async def claim(work: Work, case_id: UUID, if_match: int) -> Seen:
    """Take up an open case. Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`."""
    seen, _, _ = await _to_work(work, case_id, "claim", if_match)
    case = seen.case
    case.status, case.claimed_at = "claimed", work.now
    case.claimed_by_id = None if seen.is_reviewer else seen.standing.member_id
    await _changed(work, case, "claim", {"status": ["open", "claimed"]})
    return seen


async def release(work: Work, case_id: UUID, if_match: int) -> Seen:
    """Give a claimed case back; operators and owners also what another claimed. Raises `CLAIMED_BY_ANOTHER`, `ILLEGAL_TRANSITION`."""
    seen, _, _ = await _to_work(work, case_id, "release", if_match)
    case = seen.case
    case.status, case.claimed_by_id, case.claimed_at = "open", None, None
    await _changed(work, case, "release", {"status": ["claimed", "open"]})
    return seen


async def dismiss(work: Work, case_id: UUID, reason: str, if_match: int) -> Seen:
    """Find that no rule was broken, or that it cannot be shown."""
    seen, _, _ = await _to_work(work, case_id, "dismiss", if_match)
    await close(work.session, seen.case, "dismissed", by=work.actor, reason=reason, now=work.now)
    await tell_case(work.session, CaseDismissed, seen.case, work.now)
    changes: Changes = {"status": ["claimed", "dismissed"], "reason": [None, reason]}
    await _note(work, seen.case, "dismiss", changes)
    return seen


async def confirm(work: Work, case_id: UUID, body: CaseConfirm, if_match: int) -> Seen:
    """Find that a rule was broken: the penalty that the ladder says follows. Raises `UNKNOWN_RULE`, `DEED_TOO_OLD`, `INVALID`."""
    seen, member, person = await _to_work(work, case_id, "confirm", if_match)
    case = seen.case
    rule = await rule_then(work.session, case.community_id, body.rule, case.deed_at)
    if rule is None:
        raise UNKNOWN_RULE(errors=[_NO_RULE])
    most = MOST_FINE[rule.severity]
    if body.fine is not None and body.fine > most:
        detail = f"A penalty of this severity takes at most {most} points."
        raise INVALID(errors=[FieldError("/fine", "out_of_bounds", detail, f"此严重程度最多扣 {most} 分。")])
    case.rule_code, case.rule_version = rule.code, rule.version
    await close(work.session, case, "confirmed", by=work.actor, reason=body.reason, now=work.now)
    await tell_case(work.session, CaseConfirmed, case, work.now)
    objects = [] if case.object_id is None else [{"kind": case.object_kind, "id": str(case.object_id)}]
    penalty = await impose(
        work.session,
        member,
        person,
        Grounds(case.id, rule.code, rule.version, rule.severity, objects),
        fine=most if body.fine is None else body.fine,
        words=body.words,
        now=work.now,
    )
    case.penalty_id = penalty.id
    await work.session.flush()
    changes: Changes = {
        "status": ["claimed", "confirmed"],
        "rule": [None, rule.code],
        "fine": [None, penalty.fine],
        "sanction": [None, penalty.sanction],
        "proposed": [None, penalty.proposed],
        "reason": [None, body.reason],
    }
    await _note(work, case, "confirm", changes)
    return seen


async def appoint(work: Work, case_id: UUID, person_id: UUID) -> Case:
    """Say who decides about a case that nobody in the community may decide. Raises `CONFLICT_OF_INTEREST` for members, `ILLEGAL_TRANSITION`."""
    if work.caller is None:
        raise TypeError("an administrator has logged in")
    await authorize_platform_now(work.session, work.caller, APPEALS_APPOINT)
    noted = await existing(work.session, Case, case_id)
    await lock_member(work.session, noted.member_id)
    case = await existing(work.session, Case, case_id, lock=True)
    person = await work.session.get(Person, person_id)
    if person is None or person.status != "active":
        raise UNKNOWN_PERSON(errors=[_NOBODY])
    member = await find_member(work.session, community_id=case.community_id, person_id=person_id)
    if person_id == work.caller.id or (member is not None and still_a_member(member)):
        raise CONFLICT_OF_INTEREST()
    if not case.for_reviewer or case.status not in ("open", "claimed"):
        raise refused("illegal_transition", state=case.status)
    before = case.reviewer_id
    if before == person_id:
        return case
    case.reviewer_id, case.status, case.claimed_by_id, case.claimed_at = person_id, "open", None, None
    await _changed(work, case, "appoint_reviewer", {"reviewer_id": [before, person_id]})
    await reviewer_appointed.happened(work.session, ReviewerAppointed(person_id, case.id, work.now))
    return case


async def _to_work(work: Work, case_id: UUID, action: Action, if_match: int) -> tuple[Seen, Member, Person]:
    noted = await existing(work.session, Case, case_id)
    member, person = await lock_member(work.session, noted.member_id)
    case = await existing(work.session, Case, case_id, lock=True)
    seen = await _seen(work, case)
    code = refusal(work, seen, action)
    if code in ("forbidden", "conflict_of_interest"):
        raise refused(code)
    require_match(case.version, if_match)
    if code is not None:
        raise refused(code, state=case.status if code == "illegal_transition" else None)
    return seen, member, person


async def _seen(work: Work, case: Case) -> Seen:
    is_reviewer = work.caller is not None and case.reviewer_id == work.caller.id
    standing = await authorize(
        work.session, work.caller, work.permission or CASES_READ, case.community_id, assigned=is_reviewer, now=work.now
    )
    me = standing.member_id
    party = me is not None and (me == case.member_id or await queries.report_of(work.session, case.id, me) is not None)
    return Seen(case, standing, party, is_reviewer)


async def _changed(work: Work, case: Case, action: str, changes: dict[str, Any]) -> None:
    case.version += 1
    await work.session.flush()
    await _note(work, case, action, changes)


async def _note(work: Work, case: Case, action: str, changes: Changes) -> None:
    """In the trail of the community, which owners read; what only a reviewer decides, auditors and administrators read alone."""
    about = AuditObject("case", case.id) if case.for_reviewer else case
    await audit(work.session, work.caller, about, f"case.{action}", changes, work.now)
