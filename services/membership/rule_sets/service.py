"""Use cases of rule sets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.acknowledging import WITHIN
from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import emit
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.timers import cancel, schedule
from chassis.web.etags import require_match
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from contracts.conduct import Acknowledgement, RuleSetAcknowledged, RuleSetMissed, RuleSetPublished, RuleSetState
from services.membership.base import texts
from services.membership.communities.models import Community
from services.membership.communities.standings import rules_owed
from services.membership.permissions import RULE_SETS_ACKNOWLEDGE, RULE_SETS_READ, RULE_SETS_WRITE
from services.membership.refusals import SUPERSEDED
from services.membership.roster.joining import find_member
from services.membership.roster.models import Member
from services.membership.roster.occasions import MemberConcerned
from services.membership.roster.rules import ENDED
from services.membership.rule_sets.models import RuleAcknowledgement, RuleSet
from services.membership.rule_sets.occasions import (
    RulesAcknowledged,
    RulesPublished,
    rules_acknowledged,
    rules_published,
)
from services.membership.rule_sets.rules import REMINDED_BEFORE, publishing_refusal, state_of, writing_refusal
from services.membership.rule_sets.schemas import RuleSetCreate, RuleSetPatch

KIND = "rule_set"
"""What moderation calls the text of a rule set."""
REMIND = "rule_sets.remind"
"""The timer of the next reminders about a version."""
DRAFTS_READ = RULE_SETS_WRITE.to_read


async def create_rule_set(work: Work, body: RuleSetCreate) -> RuleSet:
    """Begin a draft. Raises `ALREADY_EXISTS` where there is one."""
    await work.permit(body.community_id)
    rule_set = RuleSet(
        community_id=body.community_id, rules=[rule.model_dump() for rule in body.rules], created_at=work.now
    )
    work.session.add(rule_set)
    await work.session.flush()
    await audit(work.session, work.caller, rule_set, "create", {"rules": [None, _codes(rule_set)]}, work.now)
    return rule_set


async def change_rule_set(work: Work, rule_set_id: UUID, body: RuleSetPatch, if_match: int) -> RuleSet:
    """Write the rules of a draft anew. Raises `ILLEGAL_TRANSITION` once it is published."""
    rule_set = await _to_write(work, rule_set_id)
    code = writing_refusal(state_of(rule_set.number, 0))
    if code is not None:
        raise refused(code, state="published")
    require_match(rule_set.version, if_match)
    values = [rule.model_dump() for rule in body.rules] if "rules" in body.model_fields_set else rule_set.rules
    if values != rule_set.rules:
        before = _codes(rule_set)
        rule_set.rules, rule_set.version = values, rule_set.version + 1
        await audit(work.session, work.caller, rule_set, "update", {"rules": [before, _codes(rule_set)]}, work.now)
    return rule_set


async def discard_rule_set(work: Work, rule_set_id: UUID) -> None:
    """Throw a draft away, which nobody else has read. Raises `ILLEGAL_TRANSITION` once it is published."""
    rule_set = await _to_write(work, rule_set_id)
    code = writing_refusal(state_of(rule_set.number, 0))
    if code is not None:
        raise refused(code, state="published")
    await audit(work.session, work.caller, rule_set, "discard", {"rules": [_codes(rule_set), None]}, work.now)
    await work.session.delete(rule_set)
    await work.session.flush()


async def _to_write(work: Work, rule_set_id: UUID) -> RuleSet:
    """A rule set that the caller may write, locked. Raises `NOT_FOUND` also to those who may not know of a draft."""
    rule_set = await existing(work.session, RuleSet, rule_set_id, lock=True)
    await _may_write(work, rule_set)
    return rule_set


async def _may_write(work: Work, rule_set: RuleSet) -> Standing:
    seen_by = DRAFTS_READ if rule_set.published_at is None else None
    return await authorize(
        work.session, work.caller, RULE_SETS_WRITE, rule_set.community_id, seen_by=seen_by, now=work.now
    )


async def publish_rule_set(work: Work, rule_set_id: UUID) -> RuleSet:
    """Put a draft in force, in place of the version before. Raises `ILLEGAL_TRANSITION`.

    The community is locked first: it has one version in force, and its versions are counted under its lock.
    """
    noted = await existing(work.session, RuleSet, rule_set_id)
    community = await existing(work.session, Community, noted.community_id, lock=True)
    rule_set = await existing(work.session, RuleSet, rule_set_id, lock=True)
    standing = await _may_write(work, rule_set)
    state = state_of(rule_set.number, community.rules_version)
    code = publishing_refusal(state, community_status=community.status)
    if code is not None:
        raise refused(code, state="published" if state != "draft" else community.status)
    if community.rule_set_id is not None:
        before = await existing(work.session, RuleSet, community.rule_set_id, lock=True)
        before.superseded_at = work.now
        await cancel(work.session, REMIND, before.id)
    rule_set.number = community.rules_version + 1
    rule_set.published_at, rule_set.published_by = work.now, work.actor
    rule_set.acknowledge_by, rule_set.reminded_until = work.now + WITHIN, work.now
    rule_set.version += 1
    community.rule_set_id, community.rules_version = rule_set.id, rule_set.number
    community.rules_acknowledge_by = rule_set.acknowledge_by
    message = rule_set_message(RuleSetPublished, rule_set)
    await emit(work.session, message, version=rule_set.bump(), occurred_at=work.now)
    await schedule(work.session, REMIND, rule_set.id, rule_set.acknowledge_by - max(REMINDED_BEFORE))
    now_in_force = RulesPublished(community.id, rule_set.id, rule_set.rules, work.now)
    await rules_published.happened(work.session, now_in_force)
    await _ask_moderation(work, rule_set, standing)
    await audit(
        work.session, work.caller, rule_set, "publish", {"number": [rule_set.number - 1, rule_set.number]}, work.now
    )
    return rule_set


async def _ask_moderation(work: Work, rule_set: RuleSet, standing: Standing) -> None:
    author_id = standing.member_id or (work.caller.id if work.caller else rule_set.id)
    said = {f"{rule['code']}.{name}": rule[name] for rule in rule_set.rules for name in ("title", "text")}
    await texts.written(
        work.session,
        community_id=rule_set.community_id,
        kind=KIND,
        object_id=rule_set.id,
        author_id=author_id,
        text=said,
        now=work.now,
    )


async def acknowledge(work: Work, rule_set_id: UUID) -> tuple[RuleSet, RuleAcknowledgement, bool]:
    """Record that the caller acknowledges the version in force. Returns whether it is new.

    Raises `SUPERSEDED` where another is in force: a late acknowledgement of an earlier one changes nothing.
    """
    caller = _person(work)
    rule_set = await existing(work.session, RuleSet, rule_set_id)
    member = await find_member(work.session, community_id=rule_set.community_id, person_id=caller.id, lock=True)
    await authorize(
        work.session, caller, RULE_SETS_ACKNOWLEDGE, rule_set.community_id, own=member is not None, now=work.now
    )
    if rule_set.number is None or member is None:
        raise NOT_FOUND()
    known = await work.session.get(RuleAcknowledgement, (member.id, rule_set.id))
    if known is not None:
        return rule_set, known, False
    community = await existing(work.session, Community, rule_set.community_id)
    if community.rule_set_id != rule_set.id:
        raise SUPERSEDED(rule_set_id=community.rule_set_id)
    given = RuleAcknowledgement(member_id=member.id, rule_set_id=rule_set.id, acknowledged_at=work.now)
    work.session.add(given)
    member.rules_acknowledged = rule_set.number
    await _tell(work.session, RuleSetAcknowledged, member, rule_set.id, work.now)
    done = RulesAcknowledged(member.community_id, rule_set.id, member.person_id, work.now)
    await rules_acknowledged.happened(work.session, done)
    return rule_set, given, True


async def note_overdue(session: AsyncSession, ended: MemberConcerned) -> None:
    """Keep in mind that the time of who left was over: nobody comes back in order to post again unacknowledged."""
    member = ended.member
    community = await existing(session, Community, member.community_id)
    owed = rules_owed(community, member)["acknowledge_by"]
    if owed is not None and owed <= ended.at and member.rules_overdue < community.rules_version:
        member.rules_overdue = community.rules_version
        await _tell(session, RuleSetMissed, member, None, ended.at)


async def visible(work: Work, rule_set_id: UUID) -> tuple[RuleSet, Standing, Member | None]:
    """A rule set that the caller may read: a draft those who write them, a version also those whom it was about once."""
    rule_set = await existing(work.session, RuleSet, rule_set_id)
    wanted = RULE_SETS_READ if rule_set.number is not None else DRAFTS_READ
    standing, member = await reading(work, rule_set.community_id, drafts=wanted is DRAFTS_READ)
    return rule_set, standing, member


async def reading(work: Work, community_id: UUID, *, drafts: bool = False) -> tuple[Standing, Member | None]:
    """The caller's standing if they may read a community's rules, and their membership, live or ended. Raises what `authorize` raises."""
    caller = work.caller
    member = None
    if caller is not None and caller.kind == "person":
        member = await find_member(work.session, community_id=community_id, person_id=caller.id)
    wanted, seen_by = (DRAFTS_READ, DRAFTS_READ) if drafts else (RULE_SETS_READ, None)
    standing = await authorize(
        work.session, caller, wanted, community_id, own=member is not None, seen_by=seen_by, now=work.now
    )
    return standing, member


def viewer_of(
    rule_set: RuleSet, standing: Standing, member: Member | None, state: Any, now: datetime, *, unseen: bool
) -> Viewer:
    """What the caller can do with a rule set. Nobody is led to acknowledge what they do not read: `unseen`."""
    archived = "community_archived" if standing.community.status == "archived" else None
    writes = RULE_SETS_WRITE.reach(standing.columns)
    answers: dict[str, str | None] = {
        "update": (archived or writing_refusal(state)) if writes else "forbidden",
        "delete": (archived or writing_refusal(state)) if writes else "forbidden",
        "publish": (archived or publishing_refusal(state, community_status=standing.community.status))
        if writes
        else "forbidden",
    }
    asked = member is not None and rule_set.number is not None and member.rules_acknowledged < rule_set.number
    if member is not None and asked and not unseen:
        may = member.status not in ENDED and RULE_SETS_ACKNOWLEDGE.reach(standing.columns)
        late = None if state == "in_force" else "superseded"
        answers["acknowledge"] = (archived or late) if may else "forbidden"
    return Viewer.of(answers)


def rule_set_message(kind: type[RuleSetState], rule_set: RuleSet) -> RuleSetState:
    """A version as one of the messages about it."""
    return kind.model_validate(
        {
            "community_id": rule_set.community_id,
            "rule_set_id": rule_set.id,
            "version": rule_set.number,
            "rules": rule_set.rules,
            "acknowledge_by": rule_set.acknowledge_by,
        }
    )


def acknowledgement_message(kind: type[Acknowledgement], member: Member, rule_set_id: UUID | None) -> Acknowledgement:
    """What a member has acknowledged as one of the messages about it."""
    return kind(
        community_id=member.community_id,
        member_id=member.id,
        rule_set_id=rule_set_id,
        version=member.rules_acknowledged,
        overdue=member.rules_overdue,
    )


async def _tell(
    session: AsyncSession, kind: type[Acknowledgement], member: Member, rule_set_id: UUID | None, at: datetime
) -> None:
    member.acknowledgements_told += 1
    message = acknowledgement_message(kind, member, rule_set_id)
    await emit(session, message, version=member.acknowledgements_told, occurred_at=at)


def _person(work: Work) -> Caller:
    if work.caller is None or work.caller.kind != "person":
        raise FORBIDDEN()
    return work.caller


def _codes(rule_set: RuleSet) -> list[str]:
    return [rule["code"] for rule in rule_set.rules]
