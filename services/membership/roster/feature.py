"""Who is a member of which community."""

from chassis.feature import Feature
from services.membership.roster import imports, routes
from services.membership.roster.snapshots import member_snapshots

feature = Feature(
    "roster",
    routers=[routes.router],
    jobs=[imports.jobs],
    snapshots={"member": member_snapshots},
)
