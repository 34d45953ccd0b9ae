"""Announcements: confirmed, reminded of, and who has not read them."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.content.announcements import routes, waiting
from services.content.announcements.schemas import AnnouncementsHome
from services.content.permissions import DISCUSSIONS_READ

feature = Feature(
    "announcements",
    routers=[routes.router],
    tasks=[waiting.to_confirm],
    home=[HomePart("announcements", DISCUSSIONS_READ, AnnouncementsHome, waiting.home)],
)
