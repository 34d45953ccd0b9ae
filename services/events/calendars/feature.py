"""Calendars: a link that a calendar program subscribes to, and single activities."""

from chassis.feature import Feature
from services.events.calendars import routes

feature = Feature("calendars", routers=[routes.router])
