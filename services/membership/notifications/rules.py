"""What a notification is: categories, channels, and what is told where. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

Channel = Literal["inbox", "mail", "messenger"]
CHANNELS: Final[tuple[Channel, ...]] = ("inbox", "mail", "messenger")
Setting = Literal["now", "daily", "off"]
"""At once, in one message a day, or never."""
Category = Literal[
    "decisions",
    "changes",
    "conduct",
    "security",
    "announcements",
    "replies",
    "mentions",
    "reactions",
    "content",
    "activities",
    "tasks",
    "recognition",
    "points",
    "membership",
]

CRITICAL: Final[frozenset[str]] = frozenset({"decisions", "changes", "conduct", "security"})
"""These cannot be switched off, and are told at once."""

ABOUT_PERSON: Final[frozenset[str]] = frozenset({"decisions", "conduct", "security"})
"""These are decided about a person, who reads them also where they may read nothing else any more."""

STAFF: Final[Mapping[str, Any]] = {"roles": ["owner", "operator"]}
"""An audience: those who run a community."""
CHUNK: Final = 500
"""How many people are told in one transaction."""
FEW: Final = 50
"""Whom one message may have told at once, however many messages come together."""
TOGETHER: Final = 20
"""How many tellings for the same followers one round carries out."""
REMINDER_LAPSES: Final = timedelta(hours=1)
READ_KEPT: Final = timedelta(days=90)
UNREAD_KEPT: Final = timedelta(days=365)
SOURCES_KEPT: Final = timedelta(days=60)
THINGS_KEPT: Final = timedelta(days=400)
CHANGES_KEPT: Final = timedelta(days=1)
_VERSIONS_LOOKED_AT: Final = 100
LONGEST_SNOOZE: Final = timedelta(days=90)

_USUALLY: Final[Mapping[str, Mapping[Channel, Setting]]] = {
    "announcements": {"mail": "now", "messenger": "now"},
    "replies": {"mail": "now", "messenger": "now"},
    "mentions": {"mail": "now", "messenger": "now"},
    "activities": {"mail": "now", "messenger": "now"},
    "tasks": {"mail": "now", "messenger": "now"},
    "reactions": {"mail": "off", "messenger": "off"},
    "points": {"mail": "off", "messenger": "off"},
}


def setting_of(category: str, channel: Channel, said: Mapping[tuple[str, str], str]) -> Setting:
    """What holds for a category on a channel, given what the person said, by both."""
    if category in CRITICAL or (channel == "inbox" and (category, channel) not in said):
        return "now"
    usual: Setting = _USUALLY.get(category, {}).get(channel, "daily")
    return said.get((category, channel), usual)  # type: ignore[return-value]  # only settings are stored


def is_reminder(template: str) -> bool:
    """Whether it reminds of something: that is worth an hour, and each is sent for itself."""
    return "reminder" in template.split(".")


def earlier_causes(source: str, version: int) -> list[str]:
    """As what each version before told of a source, where each was a cause of its own."""
    return [f"{source}:{before}" for before in range(max(1, version - _VERSIONS_LOOKED_AT), version)]


@dataclass(frozen=True, slots=True)
class Tell:
    """Something to be told: to whom, by which template, and what it speaks of.

    `source` is what it depends on, with the `version` of the message that says so; where a later message `replaces` an earlier one, each
    version is a cause of its own and the line speaks of the last alone. Recipients: `members`, `people`, whose thing it is
    (`owner_of`), who follows a thing, or all whom an `audience` describes. Who is told by one of several is told by the first.
    """

    template: str
    source: str
    version: int
    thread: str
    at: datetime
    community_id: UUID | None = None
    members: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()
    owner_of: UUID | None = None
    followers_of: UUID | None = None
    audience: Mapping[str, Any] | None = None
    actor_id: UUID | None = None
    about: tuple[str, UUID] | None = None
    title_of: UUID | None = None
    group_id: UUID | None = None
    """The group in which it happened, where the message says so; else that of the thing whose title it has. Its members alone are told."""
    params: Mapping[str, Any] = field(default_factory=dict)
    replaces: bool = False
    unless_by: str | None = None
    """An actor who is not told, since they did it themselves."""
    lapses_at: datetime | None = None
    """After which it is told to nobody any more."""
    daily: bool = False
    """Whether each day of the community has a thread of its own."""
    former: bool = False
    """Whether those are told, too, who may take part no more."""
    awaited: tuple[str, UUID] | None = None
    """Whose owner waits to hear that it has reached them: a kind of thing, and which."""

    @property
    def cause(self) -> str:
        """What each person is told once."""
        return f"{self.source}:{self.version}" if self.replaces else self.source

    @property
    def earlier(self) -> list[str]:
        """What earlier messages told of the same, where it replaces that."""
        return earlier_causes(self.source, self.version) if self.replaces else []

    @property
    def news(self) -> str:
        """By what it is sent for itself, even if its line was sent before and is still unread; empty for what folds into a line."""
        return self.cause if self.replaces or is_reminder(self.template) else ""


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether something holds, as the message of this version says: what holds no more is withdrawn."""

    source: str
    version: int
    live: bool
    replaced: bool = False
    """Whether what was told of it replaced what came before, so that each version was a cause of its own."""

    @property
    def causes(self) -> list[str]:
        """What was told of it before."""
        return [self.source, *(earlier_causes(self.source, self.version) if self.replaced else [])]


@dataclass(frozen=True, slots=True)
class Know:
    """What a thing is called, whose it is, and in which group it stands."""

    id: UUID
    kind: str
    community_id: UUID
    version: int
    title: str | None = None
    owner_id: UUID | None = None
    group_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """Whether a member follows a thing."""

    thing_id: UUID
    member_id: UUID
    version: int
    following: bool


Step = Tell | Holds | Know | Follow
"""What a message means for the inbox."""


def is_meant(
    audience: Mapping[str, Any],
    roles: set[str],
    department: str | None,
    cohort_id: UUID | None,
    *,
    in_groups: bool = False,
) -> bool:
    """Whether an audience takes in a member; its departments come with everything below them. Without any condition it is everybody.

    `in_groups`: whether they belong to one of its groups.
    """
    wanted = [audience.get(name) or [] for name in ("roles", "departments", "cohort_ids")]
    if not any(wanted) and not audience.get("group_ids"):
        return True
    by_role, by_department = bool(roles & set(wanted[0])), department in wanted[1]
    by_cohort = cohort_id is not None and str(cohort_id) in map(str, wanted[2])
    return by_role or by_department or by_cohort or in_groups
