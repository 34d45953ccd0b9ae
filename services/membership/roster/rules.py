"""A member's status and roles as time changes them, and what may become of a membership."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

from chassis.text import comparable

Status = Literal["active", "muted", "suspended", "left", "expelled"]
Via = Literal["application", "import", "invitation", "creation", "open", "assigned"]
Role = Literal["owner", "operator", "moderator", "lecturer", "mentor"]
RUN_IT: Final[frozenset[str]] = frozenset({"owner", "operator"})
WORK_CASES: Final[frozenset[str]] = RUN_IT | {"moderator"}
"""The roles that run a community."""
Cause = Literal["person", "perk", "creation"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
ENDED: Final[frozenset[str]] = frozenset({"left", "expelled"})
TIMED: Final[frozenset[str]] = frozenset({"muted", "suspended"})
_READ_STATUSES: Final = frozenset({"D", "O", "W", "svc"})


def status_and_end(
    status: Status, status_until: datetime | None, then_muted_until: datetime | None, now: datetime
) -> tuple[Status, datetime | None]:
    """The status at a moment, and until when: a mute or suspension past its end is over, whether or not anything recorded it.

    Whose mute outlasts their suspension is muted from its end on.
    """
    if status in TIMED and status_until is not None and now >= status_until:
        if then_muted_until is not None and now < then_muted_until:
            return "muted", then_muted_until
        return "active", None
    return status, status_until


def status_at(
    status: Status, status_until: datetime | None, then_muted_until: datetime | None, now: datetime
) -> Status:
    """The status at a moment, as `status_and_end` has it."""
    return status_and_end(status, status_until, then_muted_until, now)[0]


def open_status(status: Status) -> Status:
    """What others are told of a status: nobody is shown up as muted or suspended, and an expelled member is like one who left."""
    if status in TIMED:
        return "active"
    return "left" if status == "expelled" else status


def skill_key(skill: str) -> str:
    """A skill or interest as it is compared with another: neither case nor width counts."""
    return comparable(skill).casefold()


def distinct(said: list[str]) -> list[str]:
    """Skills or interests, of those that are the same only the first."""
    first: dict[str, str] = {}
    for one in said:
        first.setdefault(skill_key(one), one)
    return list(first.values())


def reads_statuses(columns: Collection[str]) -> bool:
    """Whether somebody reads the statuses of others as they are: moderators, operators, owners, and programs."""
    return bool(_READ_STATUSES & set(columns))


@dataclass(frozen=True, slots=True)
class Hold:
    """What something makes of a member for now: `until` is exclusive, None without end. `penalty_ids` are those that bring it.

    `then_muted_until`: a mute goes on when the suspension is over.
    """

    status: Literal["muted", "suspended", "expelled"]
    until: datetime | None
    penalty_ids: tuple[UUID, ...] = ()
    then_muted_until: datetime | None = None


_STRENGTH: Final = ("muted", "suspended", "expelled")


def strongest(holds: Iterable[Hold]) -> Hold:
    """Of some holds the one that counts: the strongest, and of its kind the longest; with the mute that outlasts it."""

    def strength(hold: Hold) -> tuple[int, bool, datetime]:
        return _STRENGTH.index(hold.status), hold.until is None, hold.until or datetime.min.replace(tzinfo=UTC)

    held = max(several := list(holds), key=strength)
    if held.status != "suspended" or held.until is None:
        return held
    mutes = [one.until for one in several if one.status == "muted" and one.until is not None and one.until > held.until]
    return replace(held, then_muted_until=max(mutes, default=None))


def is_live(status: Status) -> bool:
    """Whether the membership still stands (a mute or suspension does not end it)."""
    return status not in ENDED


def ending_refusal(*, status: Status, is_owner: bool, owners_left: int) -> str | None:
    """The problem code with which ending a membership would be refused; `owners_left` counts the owners who would remain."""
    if not is_live(status):
        return "illegal_transition"
    return "last_owner" if is_owner and owners_left < 1 else None


BY_MACHINE: Final[frozenset[str]] = frozenset({"import", "open", "assigned"})
"""Ways in on which nobody decides about the one person."""


def joining_refusal(*, status: Status | None, via: Via) -> str | None:
    """The problem code with which joining would be refused; `status` is that of an earlier membership, None without one.

    Nobody who was expelled is let in again unless somebody decides so.
    """
    if status is not None and is_live(status):
        return "already_a_member"
    return "expelled" if status == "expelled" and via in BY_MACHINE else None


def removal_refusal(*, remover_roles: Collection[str], target_roles: Collection[str], is_himself: bool) -> str | None:
    """The problem code with which removing a member would be refused: operators remove neither owners nor operators."""
    if is_himself:
        return "conflict_of_interest"
    if "owner" in remover_roles:
        return None
    if "operator" in remover_roles:
        return "forbidden" if {"owner", "operator"} & set(target_roles) else None
    return "forbidden"


LONGEST_SHORT_MUTE: Final = timedelta(days=3)
BETWEEN_SHORT_MUTES: Final = timedelta(days=7)


def muting_refusal(
    *, status: Status, target_roles: Collection[str], is_himself: bool, last_muted_at: datetime | None, now: datetime
) -> str | None:
    """The problem code with which a short mute would be refused: never of an owner or operator, one in seven days."""
    if is_himself:
        return "conflict_of_interest"
    if not {"owner", "operator"}.isdisjoint(target_roles):
        return "forbidden"
    if status != "active":
        return "illegal_transition"
    return "muted_lately" if last_muted_at is not None and now < last_muted_at + BETWEEN_SHORT_MUTES else None


@dataclass(frozen=True, slots=True)
class Muted:
    """When somebody was last muted for a short time, and until when, unless somebody ended it."""

    given_at: datetime
    until: datetime | None

    def lasts(self, now: datetime) -> bool:
        """Whether it is not over yet."""
        return self.until is not None and now < self.until


def unmuting_refusal(*, status: Status, is_himself: bool, short: bool) -> str | None:
    """The problem code with which ending a short mute would be refused; `short`: there is one that lasts."""
    if is_himself:
        return "conflict_of_interest"
    if short:
        return None if status in TIMED else "illegal_transition"
    return "muted_by_penalty" if status == "muted" else "illegal_transition"


@dataclass(frozen=True)
class Term:
    """From when to when a role is held; `until` and `revoked_at` are exclusive, None is open."""

    role: str
    since: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the role is held at that moment."""
        ends = [end for end in (self.until, self.revoked_at) if end is not None]
        return self.since <= now and all(now < end for end in ends)


def roles_at(terms: Iterable[Term], now: datetime) -> list[str]:
    """The roles held at a moment, each once, the most powerful first."""
    held = {term.role for term in terms if term.holds(now)}
    return [role for role in ROLES if role in held]
