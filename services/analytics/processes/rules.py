"""How a row comes out the same in whatever order, and how often, its messages are told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the columns of a table are kept.

    `newest`: by the column of a version, those that the message of the greatest version says. `first` and `last`: the least and
    the greatest value that was ever told. `same`: what every message says alike.
    """

    newest: Mapping[str, Sequence[str]] = field(default_factory=dict)
    first: Sequence[str] = ()
    last: Sequence[str] = ()
    same: Sequence[str] = ()

    def columns(self) -> list[str]:
        """All columns that are kept so."""
        return [
            *(name for version, names in self.newest.items() for name in (version, *names)),
            *self.first,
            *self.last,
            *self.same,
        ]

    def merge(self, row: Row, news: Row) -> Row:
        """The row with what a message says; a column that it does not name stays."""
        merged = dict(row)
        for version, names in self.newest.items():
            if news.get(version) is not None and merged[version] < news[version]:
                merged[version] = news[version]
                merged |= {name: news[name] for name in names if name in news}
        for name in self.first:
            merged[name] = _one_of(min, merged[name], news.get(name))
        for name in self.last:
            merged[name] = _one_of(max, merged[name], news.get(name))
        merged |= {name: news[name] for name in self.same if news.get(name) is not None}
        return merged


def _one_of(choice: Any, known: Any, told: Any) -> Any:
    if known is None or told is None:
        return told if known is None else known
    return choice(known, told)


QUESTIONS = Keeping(
    newest={"state_version": ["kind"], "removal_version": ["removed"]},
    first=["asked_at"],
    same=["community_id", "author_id"],
)
ANSWERS = Keeping(
    newest={"removal_version": ["removed"], "accept_version": ["accepted", "accepted_at"]},
    first=["posted_at"],
    same=["question_id", "author_id"],
)
ACTIVITIES = Keeping(
    newest={"state_version": ["kind", "tags", "starts_at", "ends_at"]},
    first=["announced_at", "completed_at", "cancelled_at"],
    same=["community_id"],
)
REGISTRATIONS = Keeping(
    newest={"state_version": ["state"]},
    first=["registered_at", "confirmed_at", "waitlisted_at", "offered_at"],
    last=["excused_at", "cancelled_at", "expired_at"],
    same=["community_id", "activity_id", "activity_kind", "member_id"],
)
ATTENDANCES = Keeping(
    newest={
        "deed_version": ["activity_kind", "role", "extent", "minutes", "walk_in", "attended_at"],
        "state_version": ["revoked"],
    },
    same=["community_id", "activity_id", "member_id"],
)
SATISFACTIONS = Keeping(
    newest={"state_version": ["kind", "about_id", "mean", "n"]}, first=["closed_at"], same=["community_id"]
)
APPLICATIONS = Keeping(
    newest={"state_version": ["state"], "decision_version": ["outcome", "decided_at"]},
    first=["submitted_at", "joined_at"],
    same=["community_id", "campaign_id", "person_id", "channel", "member_id"],
)
MEMBERS = Keeping(
    newest={"state_version": ["channel", "campaign_id", "application_id", "joined_at", "gone"]},
    last=["left_at"],
    same=["community_id", "person_id"],
)


def satisfaction_of(means: Sequence[tuple[float, int]]) -> tuple[float, int]:
    """What a survey comes to: the mean of its questions, each weighted by its answers; and how many answered."""
    answers = sum(n for _, n in means)
    mean = sum(mean * n for mean, n in means) / answers if answers else 0.0
    return mean, max((n for _, n in means), default=0)
