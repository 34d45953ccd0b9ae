"""Attendance: codes at the door, by hand, and what it comes to when the activity is completed."""

from chassis.feature import Feature
from services.events.attendances import completing, routes
from services.events.attendances.deeds import attendance_deeds

feature = Feature("attendances", routers=[routes.router], timers=[completing.timers], deeds=[attendance_deeds])
