"""Attendance: codes at the door, by hand, by list, and what it comes to when the activity is completed."""

from chassis.feature import Feature
from chassis.projections import follow_history
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES
from services.events.attendances import completing, routes
from services.events.attendances.deeds import attendance_deeds
from services.events.attendances.imports import attendance_import

feature = Feature(
    "attendances",
    routers=[routes.router],
    handlers=[follow_history(communities=COMMUNITY_STATES, members=MEMBER_STATES)],
    timers=[completing.timers],
    imports=[attendance_import],
    deeds=[attendance_deeds],
)
