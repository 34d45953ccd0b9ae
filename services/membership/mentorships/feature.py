"""Mentors and mentees."""

from chassis.feature import Feature
from services.membership.mentorships import clock, note_routes, routes
from services.membership.mentorships.deeds import mentorship_deeds
from services.membership.mentorships.erasing import erase
from services.membership.mentorships.waiting import DESK, to_answer

feature = Feature(
    "mentorships",
    routers=[routes.router, note_routes.router],
    timers=[clock.timers],
    deeds=[mentorship_deeds],
    tasks=[to_answer],
    desk=DESK,
    erasure=erase,
)
