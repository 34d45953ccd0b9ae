"""Reading cohorts."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.database.listing import Listing
from services.membership.cohorts.models import Cohort


def cohorts(community_id: UUID) -> Listing:
    """A community's cohorts, the oldest first."""
    return Listing(
        select(Cohort).where(col(Cohort.community_id) == community_id),
        [col(Cohort.created_at).asc(), col(Cohort.id).asc()],
    )
