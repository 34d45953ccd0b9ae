"""Communities and their charters."""

from chassis.feature import Feature
from services.membership.communities import routes
from services.membership.communities.snapshots import community_snapshots

feature = Feature(
    "communities",
    routers=[routes.router],
    snapshots={"community": community_snapshots},
)
