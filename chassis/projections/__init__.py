"""What every service but membership knows of people, communities and members: copies, written by message handlers alone.

A service declares the tables in `base.py` (`membership_projection`, and `membership_history` if it asks what was so at a moment),
and in `definition.py` the handlers that keep them (`follow_membership`) and its authority (`ProjectionAuthority`).
"""

from chassis.projections.authority import ProjectionAuthority
from chassis.projections.follow import follow_history, follow_membership
from chassis.projections.groups import GroupTables, group_projection
from chassis.projections.tables import KnownTables, membership_history, membership_projection

__all__ = [
    "GroupTables",
    "KnownTables",
    "ProjectionAuthority",
    "follow_history",
    "follow_membership",
    "group_projection",
    "membership_history",
    "membership_projection",
]
