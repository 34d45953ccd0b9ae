"""What is known of a member that an audience is told by. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a member works, and what they are in the community. `departments`: their own and all above it, as far as they are known."""

    community_id: UUID
    departments: frozenset[str]
    job_grade: str | None
    site: str | None
    kind: str | None
    roles: frozenset[str]
    cohort_id: UUID | None
    joined_at: datetime
