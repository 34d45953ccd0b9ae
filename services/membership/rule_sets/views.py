"""Rule sets as they are answered, each to whoever reads."""

from chassis.security.authority import Standing
from chassis.web.actors import actor_of
from chassis.web.work import Work
from services.membership.base import texts
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED
from services.membership.rule_sets import queries
from services.membership.rule_sets.models import RuleAcknowledgement, RuleSet
from services.membership.rule_sets.rules import state_of
from services.membership.rule_sets.schemas import (
    AcknowledgementPublic,
    OwnAcknowledgement,
    RulePublic,
    RuleSetPublic,
)
from services.membership.rule_sets.service import DRAFTS_READ, viewer_of


async def shown(work: Work, rule_set: RuleSet, standing: Standing, member: Member | None) -> RuleSetPublic:
    """One rule set with its rules. Titles and texts that moderation has not let through are seen by those who write them."""
    answer = listed(rule_set, await queries.number_in_force(work.session, rule_set.community_id))
    answer.hidden, unseen = await _unseen(work, rule_set, standing)
    answer.rules = [RulePublic(**rule | ({"title": None, "text": None} if unseen else {})) for rule in rule_set.rules]
    answer.own = await _own(work, rule_set, standing, member)
    answer.viewer = viewer_of(rule_set, standing, member, answer.state, work.now, unseen=unseen)
    return answer


async def titles(work: Work, rule_set: RuleSet, standing: Standing) -> dict[str, str]:
    """What the rules of a version are called, by their codes, as far as the caller reads it."""
    _, unseen = await _unseen(work, rule_set, standing)
    return {} if unseen else {rule["code"]: rule["title"] for rule in rule_set.rules}


async def _unseen(work: Work, rule_set: RuleSet, standing: Standing) -> tuple[str | None, bool]:
    hidden = (await texts.hidden(work.session, [rule_set.id])).get(rule_set.id)
    return hidden, hidden is not None and not DRAFTS_READ.reach(standing.columns)


def listed(rule_set: RuleSet, in_force: int) -> RuleSetPublic:
    """A rule set without its rules, given the number of the version in force."""
    return RuleSetPublic(
        id=rule_set.id,
        community_id=rule_set.community_id,
        version=rule_set.number,
        state=state_of(rule_set.number, in_force),
        rules_count=len(rule_set.rules),
        created_at=rule_set.created_at,
        published_at=rule_set.published_at,
        published_by=None if rule_set.published_by is None else actor_of(rule_set.published_by),
        acknowledge_by=rule_set.acknowledge_by,
        superseded_at=rule_set.superseded_at,
    )


def acknowledgement(rule_set: RuleSet, given: RuleAcknowledgement) -> AcknowledgementPublic:
    """What a member is answered who has acknowledged."""
    return AcknowledgementPublic(
        rule_set_id=rule_set.id,
        version=rule_set.number or 0,
        member_id=given.member_id,
        acknowledged_at=given.acknowledged_at,
    )


async def _own(work: Work, rule_set: RuleSet, standing: Standing, member: Member | None) -> OwnAcknowledgement | None:
    if member is None or member.status in ENDED or rule_set.number is None:
        return None
    at = await queries.acknowledged_at(work.session, member.id, rule_set.id)
    facts = standing.member
    asked = facts is not None and facts.rule_set_id == rule_set.id
    due_at = facts.acknowledge_by if facts is not None and asked else None
    return OwnAcknowledgement(
        acknowledged_at=at, due_at=due_at, overdue=facts is not None and asked and facts.is_overdue(work.now)
    )
