"""The authenticated sender of a request."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

PLATFORM_SCOPE = "platform:"
"""Prefix of the scopes that carry a person's platform roles."""
ASLEEP_SCOPE = "asleep:"
"""The same while they sleep: whoever looks for a role finds none."""
STAFF_ROLES = frozenset({"owner", "operator"})
"""The roles in a community that sleep as the roles on the platform do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, a service account or a guest, as a verified access token names it.

    `scopes` of a person are their platform roles (`platform:admin`), of a service account the permissions it was given.
    `community_ids` is None for a person (their memberships decide) and for a service account that acts in every community.
    A guest is somebody from outside who was invited to one activity: `id` is their invitation, `session_id` the link that they
    came by, `activity_id` all that they were invited to.
    `proved_at` is when a person last proved who they are, by `methods` (RFC 8176: `pwd`, `otp`, `mfa`); None in tokens of an
    earlier release, and where a provider let them in that does not say when. `wants_code`: they have a second factor, and did not prove it in this session. `wants_factor`: they have
    none and should have had one by now.
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
    wants_factor: bool = False

    @property
    def actor(self) -> str:
        """The caller as audit entries and messages name them."""
        return f"{self.kind}:{self.id}"

    @property
    def proved_both(self) -> bool:
        """Whether they proved a second factor in this session, here or at a provider that the host believes it."""
        return "mfa" in self.methods

    @property
    def asleep(self) -> bool:
        """Whether what they may do as staff sleeps until they prove a second factor: they act as a plain member."""
        return self.wants_code or self.wants_factor

    @property
    def awake(self) -> "Caller":
        """The caller that they would be with their second factor."""
        scopes = frozenset(
            PLATFORM_SCOPE + scope.removeprefix(ASLEEP_SCOPE) if scope.startswith(ASLEEP_SCOPE) else scope
            for scope in self.scopes
        )
        return replace(self, scopes=scopes, wants_code=False, wants_factor=False)

    @property
    def is_admin(self) -> bool:
        """Whether the caller is a platform administrator."""
        return self.has_platform_role("admin")

    def has_platform_role(self, role: Literal["admin", "hr", "auditor"]) -> bool:
        """Whether the caller is a person with this platform role."""
        return self.kind == "person" and PLATFORM_SCOPE + role in self.scopes
