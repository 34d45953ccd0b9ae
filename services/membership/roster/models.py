"""The tables of the roster: members, and the grants that give them roles."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false, text, true
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base
from services.membership.refusals import ALREADY_A_MEMBER
from services.membership.roster.rules import ROLES, Hold, Status, status_and_end


class Member(Base, Publishing, table=True):
    """One person's membership in one community; it stays when it ends, and is taken up again on rejoining.

    `roles` repeats the grants in force as {role: when it ends, or null}, so that one row answers what a member may do.
    """

    __tablename__ = "members"
    __table_args__ = (
        unique("community_id", "person_id", answers=ALREADY_A_MEMBER),
        CheckConstraint("status IN ('active', 'muted', 'suspended', 'left', 'expelled')", name="status"),
        CheckConstraint("via IN ('application', 'import', 'invitation', 'creation', 'open', 'assigned')", name="via"),
        Index(None, "community_id", "joined_at", "id"),
        Index(None, "person_id"),
        Index(None, "cohort_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    person_id: UUID = Field(foreign_key="people.id")
    status: str = Field(max_length=16, default="active")
    status_until: datetime | None = None
    then_muted_until: datetime | None = None
    """Until when a mute goes on that outlasts their suspension."""
    penalty_ids: list[str] | None = Field(default=None, sa_type=JsonDocument)
    """The penalties that bring what they may not do; None where it is a short mute."""
    roles: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    joined_at: datetime
    ended_at: datetime | None = None
    via: str = Field(max_length=16)
    channel: str | None = Field(default=None, max_length=40)
    cohort_id: UUID | None = Field(default=None, foreign_key="cohorts.id")
    campaign_id: UUID | None = None
    application_id: UUID | None = None
    recorded_at: datetime
    on_boards: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Of what the member decides themselves."""
    skills: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    interests: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": text("'[]'")}
    )
    described_readable: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether others read their skills and interests as they are written."""
    sanctions_told: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The messages published about their sanctions, which have a subject of their own."""

    rules_acknowledged: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The greatest version of the community's rules that they have acknowledged."""
    rules_overdue: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The version whose time was over when they last left."""
    acknowledgements_told: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The messages published about that, which have a subject of their own."""

    def status_at(self, now: datetime) -> Status:
        """The status by the clock."""
        return self._clocked(now)[0]

    def status_until_at(self, now: datetime) -> datetime | None:
        """Until when the status by the clock lasts; None without end."""
        return self._clocked(now)[1]

    def _clocked(self, now: datetime) -> tuple[Status, datetime | None]:
        return status_and_end(self.status, self.status_until, self.then_muted_until, now)  # type: ignore[arg-type]  # the check constraint says so

    def take_hold(self, hold: Hold | None) -> bool:
        """Write down what they may not do, None for nothing. Returns whether anything else stood there."""
        before = (self.status, self.status_until, self.then_muted_until, self.penalty_ids)
        self.status, self.status_until = (hold.status, hold.until) if hold is not None else ("active", None)
        self.then_muted_until = hold.then_muted_until if hold is not None else None
        self.penalty_ids = [str(one) for one in hold.penalty_ids] or None if hold is not None else None
        return before != (self.status, self.status_until, self.then_muted_until, self.penalty_ids)

    def roles_at(self, now: datetime) -> list[str]:
        """The roles held by the clock, the most powerful first."""
        return held_roles(self.roles, now)


class ShortMute(Base, table=True):
    """A mute of up to three days that somebody gave without a case. `ended_at`: somebody ended it before its time.

    `penalty_id`: conduct took it over, and what was served of it counts.
    """

    __tablename__ = "short_mutes"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID = Field(foreign_key="members.id", index=True)
    reason: str = Field(max_length=2000)
    given_by: str = Field(max_length=64)
    given_at: datetime
    until: datetime
    ended_by: str | None = Field(default=None, max_length=64)
    ended_at: datetime | None = None
    penalty_id: UUID | None = None


def held_roles(roles: dict[str, Any], now: datetime) -> list[str]:
    """The roles of a member's column `roles` that are held at a moment, the most powerful first."""
    return [role for role in ROLES if role in roles and _lasts(roles[role], now)]


def _lasts(until: str | None, now: datetime) -> bool:
    return until is None or now < datetime.fromisoformat(until)


class RoleGrant(Base, table=True):
    """One role given to one member. `given_by` and `revoked_by` name an actor: `person:…`, `service:…` or `system`."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'operator', 'moderator', 'lecturer', 'mentor')", name="role"),
        CheckConstraint("cause IN ('person', 'perk', 'creation')", name="cause"),
        # Somebody may hold a role by one grant at a time, or revoking it would not end it.
        unique("member_id", "role", where="revoked_at IS NULL", name="uq_role_grants_in_force", answers=ALREADY_EXISTS),
        Index(None, "community_id", "role"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    member_id: UUID = Field(foreign_key="members.id", index=True)
    role: str = Field(max_length=16)
    cause: str = Field(max_length=16)
    given_by: str = Field(max_length=64)
    since: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=64)
