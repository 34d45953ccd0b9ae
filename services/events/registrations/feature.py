"""Registrations: seats, the line, and what becomes of both."""

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from services.events.permissions import ACTIVITIES_READ, REGISTRATIONS_EXCUSE
from services.events.registrations import answers, leaving, offering, reminding, routes, settling, waiting
from services.events.registrations.erasing import erase
from services.events.registrations.schemas import Upcoming

feature = Feature(
    "registrations",
    routers=[routes.router],
    handlers=[leaving.handlers],
    timers=[offering.timers, leaving.timers, answers.timers, reminding.timers, settling.timers],
    erasure=erase,
    tasks=[waiting.to_answer],
    desk=[
        DeskQueue(
            "leave_to_decide", REGISTRATIONS_EXCUSE, waiting.leave_to_decide, en="Requests for leave", zh="待审批的请假"
        )
    ],
    home=[HomePart("upcoming", ACTIVITIES_READ, list[Upcoming], waiting.home)],
)
