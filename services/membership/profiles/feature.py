"""What a person sees and changes of themselves."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.membership.permissions import PEOPLE_SELF
from services.membership.profiles import home, routes

feature = Feature(
    "profiles",
    routers=[routes.router],
    home=[HomePart("person", PEOPLE_SELF, home.person)],
)
