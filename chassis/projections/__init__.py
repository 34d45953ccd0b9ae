"""What every service but membership knows of people, communities and members: copies, written by message handlers alone."""

from chassis.projections.apply import apply_communities, apply_members, apply_people
from chassis.projections.authority import ProjectionAuthority
from chassis.projections.follow import follow_membership
from chassis.projections.tables import KnownTables, membership_projection

__all__ = [
    "KnownTables",
    "ProjectionAuthority",
    "apply_communities",
    "apply_members",
    "apply_people",
    "follow_membership",
    "membership_projection",
]
