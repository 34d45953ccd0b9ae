"""The messages that are no facts, and why not."""

from collections.abc import Mapping
from typing import Final

_DATED = "what is so from then on: it is dated, and facts count by it"
_PROJECTED = "what is so now: the projection keeps it"
_FILES = "a file and what names it: nobody did anything"
_TEXTS = "a text on its way through moderation: what it belongs to is told by itself"
_COMPANY = "another system's message, which membership answers with messages of its own"
_STEP = "a step of something whose steps are kept in a row of its own"
_PAPER = "a paper about what somebody did, which is told by itself"
_TELLING = "it asks somebody, nobody did anything yet"
_REDEEMED: Final = "what was paid for it is told as points spent"

NO_FACTS: Final[Mapping[str, str]] = {
    "corporate.hr.person.hired.v1": _COMPANY,
    "corporate.hr.person.left.v1": _COMPANY,
    "corporate.hr.person.moved.v1": _COMPANY,
    "qunxue.content.article.archived.v1": "it is out of date, and was published all the same",
    "qunxue.content.article.returned.v1": _STEP,
    "qunxue.content.company_rules.changed.v1": "a setting of the company",
    "qunxue.content.reminder.due.v1": _TELLING,
    "qunxue.content.subscription.changed.v1": "a wish to hear of something",
    "qunxue.content.text.decided.v1": _TEXTS,
    "qunxue.events.action_item.assigned.v1": _TELLING,
    "qunxue.events.attachment.linked.v1": _FILES,
    "qunxue.events.attachment.snapshot.v1": _FILES,
    "qunxue.events.attachment.unlinked.v1": _FILES,
    "qunxue.events.meeting.minuted.v1": "the meeting is an activity, which is told by itself",
    "qunxue.events.registration.assigned.v1": "somebody else's decision: it counts when the member comes",
    "qunxue.events.registration.leave_asked.v1": _STEP,
    "qunxue.events.registration.offered.v1": _STEP,
    "qunxue.events.registration.reconfirmed.v1": _STEP,
    "qunxue.events.reminder.due.v1": _TELLING,
    "qunxue.events.satisfaction.measured.v1": "means of answers, which are no deeds",
    "qunxue.events.speaker.invited.v1": _TELLING,
    "qunxue.events.speaker.withdrawn.v1": _TELLING,
    "qunxue.events.text.written.v1": _TEXTS,
    "qunxue.gamification.badge.awarded.v1": "it says again what the deeds that reached it said",
    "qunxue.gamification.badge.revoked.v1": "somebody else's decision",
    "qunxue.gamification.certificate.expired.v1": "nobody did anything for some time",
    "qunxue.gamification.certificate.issued.v1": _PAPER,
    "qunxue.gamification.certificate.revoked.v1": _PAPER,
    "qunxue.gamification.certification.due.v1": _TELLING,
    "qunxue.gamification.certification.overdue.v1": "nobody did anything for some time",
    "qunxue.gamification.level.demoted.v1": "nobody did anything for some time",
    "qunxue.gamification.perks.changed.v1": "nobody did anything: a level grants something else",
    "qunxue.gamification.season.closed.v1": "what members earned in it, and won, is told by itself",
    "qunxue.gamification.promotion.decided.v1": "level.promoted tells of the level",
    "qunxue.gamification.promotion.nominated.v1": _STEP,
    "qunxue.gamification.star.confirmed.v1": "what others voted for: who is honoured did nothing more",
    "qunxue.gamification.text.written.v1": _TEXTS,
    "qunxue.gamification.redemption.approved.v1": _REDEEMED,
    "qunxue.gamification.redemption.fulfilled.v1": _REDEEMED,
    "qunxue.gamification.redemption.refunded.v1": _REDEEMED,
    "qunxue.gamification.redemption.requested.v1": _REDEEMED,
    "qunxue.gamification.reminder.due.v1": _TELLING,
    "qunxue.membership.application.advanced.v1": _STEP,
    "qunxue.membership.application.decided.v1": _STEP,
    "qunxue.membership.application.returned.v1": _STEP,
    "qunxue.membership.application.withdrawn.v1": _STEP,
    "qunxue.membership.attachment.linked.v1": _FILES,
    "qunxue.membership.attachment.snapshot.v1": _FILES,
    "qunxue.membership.attachment.unlinked.v1": _FILES,
    "qunxue.membership.cohort.snapshot.v1": _PROJECTED,
    "qunxue.membership.cohort.updated.v1": _PROJECTED,
    "qunxue.membership.community.archived.v1": _DATED,
    "qunxue.membership.community.created.v1": _DATED,
    "qunxue.membership.community.opened.v1": _DATED,
    "qunxue.membership.community.snapshot.v1": _DATED,
    "qunxue.membership.community.updated.v1": _DATED,
    "qunxue.membership.department.snapshot.v1": _PROJECTED,
    "qunxue.membership.department.updated.v1": _PROJECTED,
    "qunxue.membership.member.cohort_changed.v1": _PROJECTED,
    "qunxue.membership.member.role_changed.v1": _DATED,
    "qunxue.membership.member.status_changed.v1": _DATED,
    "qunxue.membership.member.updated.v1": _PROJECTED,
    "qunxue.membership.person.erased.v1": "what is forgotten is no deed",
    "qunxue.membership.person.left.v1": _DATED,
    "qunxue.membership.person.registered.v1": _DATED,
    "qunxue.membership.person.reinstated.v1": _DATED,
    "qunxue.membership.person.snapshot.v1": _DATED,
    "qunxue.membership.person.suspended.v1": _DATED,
    "qunxue.membership.person.updated.v1": _DATED,
    "qunxue.membership.responsibility.assigned.v1": "somebody else's decision",
    "qunxue.membership.sanction.changed.v1": _PROJECTED,
    "qunxue.membership.sanction.snapshot.v1": _PROJECTED,
    "qunxue.membership.text.written.v1": _TEXTS,
    "qunxue.membership.work_calendar.snapshot.v1": _PROJECTED,
    "qunxue.membership.work_calendar.updated.v1": _PROJECTED,
}
"""The messages of other services that are no facts, by type, each with its reason. Our own are made of facts, and a service never reads them."""
