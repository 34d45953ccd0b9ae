"""What somebody is in a community, for whoever must decide what they may do."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.membership.permissions import PEOPLE_SELF
from services.membership.standing import home, routes
from services.membership.standing.schemas import Membership

feature = Feature(
    "standing",
    routers=[routes.router],
    home=[HomePart("membership", PEOPLE_SELF, Membership, home.membership)],
)
