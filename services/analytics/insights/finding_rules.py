"""When figures of a community say that something should change. Pure: each rule takes figures and answers how serious they are.

All numbers that they judge by stand here, by name. What a rule answers, a lower figure on the bad side never softens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from services.analytics.insights.rules import Severity

Code = Literal[
    "activities_nobody_comes_to",
    "content_nobody_finishes",
    "searches_without_answer",
    "questions_left_unanswered",
    "members_about_to_leave",
    "channel_recruits_vanish",
    "points_inflation",
]

MOST_AT_ONCE: Final = 5
"""Insights that one rule raises in a morning, the worst first: more than that nobody sees to."""

SEASON: Final = timedelta(days=90)
"""Activities and content are judged by a quarter."""
MONTH: Final = timedelta(days=28)
"""What goes by weeks is judged by four of them."""

FEWEST_ACTIVITIES: Final = 3
FEWEST_TO_COME: Final = 3.0
"""To fewer than so many on average, an activity need not be held in this form."""

FEWEST_READERS: Final = 20
SHARE_FINISHING: Final = 0.2
SHARE_FINISHING_AT_WORST: Final = 0.05

FEWEST_SEARCHES: Final = 5
"""As rarely as fewer, a topic may be one person's, and is told to nobody."""
MANY_SEARCHES: Final = 20

PATIENCE: Final = timedelta(days=3)
"""For so long a question may wait before it counts as left."""
FEWEST_UNANSWERED: Final = 3
SHARE_UNANSWERED: Final = 0.3
SHARE_UNANSWERED_AT_WORST: Final = 0.6

SILENT_WEEKS: Final = 2
WEEKS_BEFORE: Final = 4
WEEKS_ACTIVE: Final = 3
"""Who was active in so many of the weeks before, and in none of the silent ones, seems likely to leave."""
FEWEST_AT_RISK: Final = 3
SHARE_AT_RISK: Final = 0.1

FIRST_DAYS: Final = timedelta(days=30)
"""After so long it shows whether a recruit stays."""
RECRUITED_WITHIN: Final = timedelta(days=180)
FEWEST_RECRUITS: Final = 10
SHARE_STAYING: Final = 0.3
BESIDE_OTHERS: Final = 0.5
"""And less than this share of what stays of the other channels' recruits: where everybody leaves, no channel is to blame."""

FEWEST_POINTS: Final = 500.0
GROWTH_OF_POINTS: Final = 1.5
GROWTH_AT_WORST: Final = 2.5

COOL_DOWN: Final[Mapping[Code, timedelta]] = {
    "activities_nobody_comes_to": timedelta(days=90),
    "content_nobody_finishes": timedelta(days=90),
    "searches_without_answer": timedelta(days=28),
    "questions_left_unanswered": timedelta(days=14),
    "members_about_to_leave": timedelta(days=14),
    "channel_recruits_vanish": timedelta(days=90),
    "points_inflation": timedelta(days=28),
}
"""For so long a rule is silent about what was closed."""
RISK_AGAIN_AFTER: Final = timedelta(days=28)
"""For so long a member is told of once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `slot`: the same is found under it; `title` names it to people, and no message has it."""

    code: Code
    severity: Severity
    figures: Mapping[str, float]
    slot: str
    object_kind: str | None = None
    object_id: UUID | None = None
    title: str | None = None
    worst: float = 0.0
    """The greater the worse, among those of its rule."""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A member who seems likely to leave, and why."""

    member_id: UUID
    reasons: tuple[str, ...]
    last_active_on: date | None = field(default=None, compare=False)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """As many as are raised at once."""
    return sorted(findings, key=lambda one: (-one.worst, one.slot))[:MOST_AT_ONCE]


def nobody_comes(activities: int, attended: int) -> Severity | None:
    """Of one kind of activity: how many were held, and how many members came to all of them together."""
    if activities < FEWEST_ACTIVITIES or attended >= FEWEST_TO_COME * activities:
        return None
    return "high" if attended == 0 else "medium"


def nobody_finishes(readers: int, finished: int) -> Severity | None:
    """Of one article: how many began to read it, and how many of them came to its end."""
    if readers < FEWEST_READERS or finished >= SHARE_FINISHING * readers:
        return None
    return "medium" if finished < SHARE_FINISHING_AT_WORST * readers else "low"


def not_found(searches: int) -> Severity | None:
    """Of one query: how often it found nothing."""
    if searches < FEWEST_SEARCHES:
        return None
    return "medium" if searches >= MANY_SEARCHES else "low"


def left_unanswered(asked: int, unanswered: int) -> Severity | None:
    """Of questions that waited long enough: how many there were, and how many nobody answered."""
    if unanswered < FEWEST_UNANSWERED or unanswered < SHARE_UNANSWERED * asked:
        return None
    return "high" if unanswered >= SHARE_UNANSWERED_AT_WORST * asked else "medium"


def likely_to_leave(weeks: Sequence[int]) -> tuple[str, ...]:
    """Why a member seems likely to leave: their deeds by week, the latest whole week first. Nothing where they do not."""
    silent, before = weeks[:SILENT_WEEKS], weeks[SILENT_WEEKS : SILENT_WEEKS + WEEKS_BEFORE]
    was_active = sum(deeds > 0 for deeds in before) >= WEEKS_ACTIVE
    return ("silent_after_activity",) if was_active and not any(silent) else ()


def many_at_risk(active_before: int, at_risk: int) -> Severity | None:
    """Of the members who were active: how many there were, and how many seem likely to leave."""
    if at_risk < FEWEST_AT_RISK or at_risk < SHARE_AT_RISK * active_before:
        return None
    return "high" if at_risk >= 2 * SHARE_AT_RISK * active_before else "medium"


def recruits_vanish(recruits: int, staying: int, others: int, others_staying: int) -> Severity | None:
    """Of one channel: how many it brought, how many of them are still active after their first days; and the same of all others."""
    if recruits < FEWEST_RECRUITS or staying >= SHARE_STAYING * recruits:
        return None
    if others and staying * others >= BESIDE_OTHERS * others_staying * recruits:
        return None
    return "high" if staying == 0 else "medium"


def inflated(issued: float, active: int, issued_before: float, active_before: int) -> Severity | None:
    """Of points: how many were issued to how many active members, in four weeks and in the four before."""
    if issued < FEWEST_POINTS or issued_before < 1 or not active or not active_before:
        return None
    growth = (issued / active) / (issued_before / active_before)
    if growth < GROWTH_OF_POINTS:
        return None
    return "high" if growth >= GROWTH_AT_WORST else "medium"


def monday_of(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())
