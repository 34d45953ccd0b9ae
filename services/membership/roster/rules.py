"""A member's status and roles as time changes them, and what may become of a membership."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

Status = Literal["active", "muted", "suspended", "left", "expelled"]
Via = Literal["application", "import", "invitation", "creation", "open"]
Role = Literal["owner", "operator", "moderator", "lecturer", "mentor"]
Cause = Literal["person", "perk", "creation"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
ENDED: Final[frozenset[str]] = frozenset({"left", "expelled"})
TIMED: Final[frozenset[str]] = frozenset({"muted", "suspended"})
_READ_STATUSES: Final = frozenset({"D", "O", "W", "svc"})


def status_at(status: Status, status_until: datetime | None, now: datetime) -> Status:
    """The status at a moment: a mute or suspension past its end is over, whether or not anything recorded it."""
    if status in TIMED and status_until is not None and now >= status_until:
        return "active"
    return status


def open_status(status: Status) -> Status:
    """What others are told of a status: nobody is shown up as muted or suspended, and an expelled member is like one who left."""
    if status in TIMED:
        return "active"
    return "left" if status == "expelled" else status


def reads_statuses(columns: Collection[str]) -> bool:
    """Whether somebody reads the statuses of others as they are: moderators, operators, owners, and programs."""
    return bool(_READ_STATUSES & set(columns))


def is_live(status: Status) -> bool:
    """Whether the membership still stands (a mute or suspension does not end it)."""
    return status not in ENDED


def ending_refusal(*, status: Status, is_owner: bool, owners_left: int) -> str | None:
    """The problem code with which ending a membership would be refused; `owners_left` counts the owners who would remain."""
    if not is_live(status):
        return "illegal_transition"
    return "last_owner" if is_owner and owners_left < 1 else None


def joining_refusal(*, status: Status | None) -> str | None:
    """The problem code with which joining would be refused; `status` is that of an earlier membership, None without one."""
    return "already_a_member" if status is not None and is_live(status) else None


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


def unmuting_refusal(*, status: Status, is_himself: bool) -> str | None:
    """The problem code with which ending a mute would be refused."""
    if is_himself:
        return "conflict_of_interest"
    return None if status == "muted" else "illegal_transition"


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
