"""Where one reads what a line is about: the path of an API, so that a click on the line leads somewhere. Pure."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

_OF_TEMPLATES: Final[Mapping[str, str]] = {
    "contest.finished": "/v1/contests?community_id={community_id}&activity_id={id}",
    "contest.regraded": "/v1/contests?community_id={community_id}&activity_id={id}",
    "contest.reopened": "/v1/contests?community_id={community_id}&activity_id={id}",
    "contest.time_given": "/v1/contests?community_id={community_id}&activity_id={id}",
    "meeting.minuted": "/v1/meetings/{id}",
    "points.awarded": "/v1/ledger-entries?member_id={id}&currency=points",
    "points.expired": "/v1/ledger-entries?member_id={id}&currency=points&kind=expiry",
    "streak.reached": "/v1/wallets/{id}",
    "level.promoted": "/v1/promotions/progress?member_id={id}",
    "level.demoted": "/v1/promotions/progress?member_id={id}",
    "approval.asked": "/v1/applications/{id}/approval",
    "approval.passed": "/v1/applications/{id}/approval",
    "badge.awarded": "/v1/badges/awards?community_id={community_id}&member_id={id}",
    "certification.due": "/v1/certifications/runs?mine=true",
    "certification.overdue": "/v1/certifications/runs?mine=true",
    "reminder.measure": "/v1/rule-sets/{id}/measures",
    "sanction.suspended": "/v1/members/{id}/standing",
    "security.factor_reset": "/v1/second-factors",
}
"""Where the kind of the thing does not say it."""
KINDS: Final[Mapping[str, str]] = {
    "action_item": "/v1/action-items/{id}",
    "activity": "/v1/activities/{id}",
    "appeal": "/v1/appeals/{id}",
    "application": "/v1/applications/{id}",
    "article": "/v1/articles/{id}",
    "case": "/v1/cases/{id}",
    "certificate": "/v1/certificates/{id}",
    "checkin_plan": "/v1/checkin-plans/{id}",
    "community": "/v1/communities/{id}",
    "discussion": "/v1/discussions/{id}",
    "goal": "/v1/goals/{id}",
    "group": "/v1/groups/{id}",
    "idea": "/v1/ideas/{id}",
    "insight": "/v1/insights/{id}",
    "interview": "/v1/interviews/{id}",
    "invitation": "/v1/invitations/mine",
    "kudos": "/v1/kudos/{id}",
    "member": "/v1/members/{id}",
    "mentorship": "/v1/mentorships/{id}",
    "penalty": "/v1/penalties/{id}",
    "points": "/v1/me/home?community_id={id}",
    "promotion": "/v1/promotions/nominations/{id}",
    "redemption": "/v1/redemptions/{id}",
    "reply": "/v1/replies/{id}",
    "responsibility": "/v1/responsibilities/{id}",
    "risk": "/v1/members/{id}",
    "rule_set": "/v1/rule-sets/{id}",
    "season": "/v1/seasons/{id}",
    "standing": "/v1/members/{id}/standing",
    "star": "/v1/kudos/stars/{id}",
    "survey": "/v1/surveys/{id}",
    "test_attempt": "/v1/test-attempts/{id}",
    "webhook": "/v1/webhooks/{id}",
}
"""By the kind of what a line is about."""


def place_of(template: str, kind: str | None) -> str | None:
    """The pattern of the address for what a line of this template is about; None where there is none."""
    if kind is None:
        return None
    return _OF_TEMPLATES.get(template) or KINDS.get(kind)


def href_of(template: str, kind: str | None, thing_id: UUID | None, community_id: UUID | None) -> str | None:
    """Where one reads what a line is about; None where it is about nothing that can be read."""
    pattern = place_of(template, kind)
    if pattern is None or thing_id is None or ("{community_id}" in pattern and community_id is None):
        return None
    return pattern.format(id=thing_id, community_id=community_id)
