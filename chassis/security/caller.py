"""The authenticated sender of a request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

PLATFORM_SCOPE = "platform:"
"""Prefix of the scopes that carry a person's platform roles."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, a service account or a guest, as a verified access token names it.

    `scopes` of a person are their platform roles (`platform:admin`), of a service account the permissions it was given.
    `community_ids` is None for a person (their memberships decide) and for a service account that acts in every community.
    A guest is somebody from outside who was invited to one activity: `id` is their invitation, `session_id` the link that they
    came by, `activity_id` all that they were invited to.
    `proved_at` is when a person last proved who they are, by `methods` (RFC 8176: `pwd`, `otp`, `mfa`); None in tokens of an
    earlier release. `wants_code`: they have a second factor, and did not prove it in this session.
    """

    kind: Literal["person", "service", "guest"]
    id: UUID
    session_id: UUID
    scopes: frozenset[str] = frozenset()
    community_ids: frozenset[UUID] | None = None
    activity_id: UUID | None = None
    proved_at: datetime | None = None
    methods: frozenset[str] = frozenset()
    wants_code: bool = False

    @property
    def actor(self) -> str:
        """The caller as audit entries and messages name them."""
        return f"{self.kind}:{self.id}"

    @property
    def is_admin(self) -> bool:
        """Whether the caller is a platform administrator."""
        return self.has_platform_role("admin")

    def has_platform_role(self, role: Literal["admin", "hr", "auditor"]) -> bool:
        """Whether the caller is a person with this platform role."""
        return self.kind == "person" and PLATFORM_SCOPE + role in self.scopes
