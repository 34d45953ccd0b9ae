"""Registrations: seats, the line, and what becomes of both."""

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from services.events.permissions import ACTIVITIES_READ, REGISTRATIONS_EXCUSE, REGISTRATIONS_LIST
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
        ),
        DeskQueue(
            "offers_running_out",
            REGISTRATIONS_LIST,
            waiting.offers_running_out,
            en="Offers of seats that end soon",
            zh="即将到期的候补名额",
        ),
        DeskQueue("no_shows", REGISTRATIONS_LIST, waiting.no_shows, en="Who did not come", zh="缺席的成员"),
    ],
    home=[HomePart("upcoming", ACTIVITIES_READ, list[Upcoming], waiting.home)],
)
