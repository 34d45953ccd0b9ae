"""Invitations to become a member, and who took them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.entering.rules import State, state_at


class MemberInvitation(Base, table=True):
    """An invitation to one community: for whoever has its link, or for one person, named or known by their e-mail.

    `used` counts, under the lock of the row, how many became members by it; `uses` is how many may. Of its link only the hash is kept.
    """

    __tablename__ = "member_invitations"
    __table_args__ = (
        unique("secret_hash", answers=None),
        CheckConstraint("used >= 0 AND used <= uses", name="used"),
        CheckConstraint("person_id IS NULL OR email IS NULL", name="for_one"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "person_id"),
        Index(None, "email"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    cohort_id: UUID | None = Field(default=None, foreign_key="cohorts.id")
    person_id: UUID | None = Field(default=None, foreign_key="people.id")
    email: str | None = Field(default=None, max_length=254)
    secret_hash: str = Field(max_length=64)
    uses: int
    used: int = 0
    expires_at: datetime
    made_by: str = Field(max_length=64)
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = Field(default=None, max_length=64)

    @property
    def named(self) -> bool:
        """Whether it is for one person alone."""
        return self.person_id is not None or self.email is not None

    def state_at(self, now: datetime) -> State:
        """What has become of it by the clock."""
        revoked = self.revoked_at is not None
        return state_at(revoked=revoked, used=self.used, uses=self.uses, expires_at=self.expires_at, now=now)


class InvitationUse(Base, table=True):
    """Who became a member by an invitation: each once."""

    __tablename__ = "member_invitation_uses"

    invitation_id: UUID = Field(foreign_key="member_invitations.id", primary_key=True)
    person_id: UUID = Field(foreign_key="people.id", primary_key=True, index=True)
    member_id: UUID
    at: datetime
