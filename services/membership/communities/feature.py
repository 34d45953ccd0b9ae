"""Communities and their charters."""

from chassis.feature import Feature
from services.membership.base import texts
from services.membership.communities import judging, naming, routes
from services.membership.communities.snapshots import community_snapshots

texts.follows(naming.KIND, lock=judging.lock)(judging.take_verdict)

feature = Feature(
    "communities",
    routers=[routes.router],
    snapshots={"community": community_snapshots},
)
