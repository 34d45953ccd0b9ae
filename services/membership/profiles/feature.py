"""What a person sees and changes of themselves."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.membership.permissions import PEOPLE_SELF
from services.membership.profiles import home, routes
from services.membership.profiles.schemas import OneselfPublic

feature = Feature(
    "profiles",
    routers=[routes.router],
    home=[HomePart("person", PEOPLE_SELF, OneselfPublic, home.person)],
)
