"""Registrations: seats, the line, and what becomes of both."""

from functools import partial

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from chassis.security.permissions import Permission
from services.events.permissions import ACTIVITIES_READ, REGISTRATIONS_EXCUSE, REGISTRATIONS_LIST
from services.events.registrations import (
    answers,
    leaving,
    offering,
    queues,
    reminding,
    returning,
    routes,
    settling,
    telling,
    waiting,
)
from services.events.registrations.erasing import erase
from services.events.registrations.rules import RegistrationQueue
from services.events.registrations.schemas import Upcoming


def _queue(code: RegistrationQueue, permission: Permission, *, en: str, zh: str) -> DeskQueue:
    return DeskQueue(code, permission, partial(queues.waiting, code), en=en, zh=zh)


feature = Feature(
    "registrations",
    routers=[routes.router],
    handlers=[leaving.handlers, telling.handlers],
    timers=[offering.timers, leaving.timers, returning.timers, answers.timers, reminding.timers, settling.timers],
    erasure=erase,
    tasks=[waiting.to_answer],
    desk=[
        _queue("leave_to_decide", REGISTRATIONS_EXCUSE, en="Requests for leave", zh="待审批的请假"),
        _queue("offers_running_out", REGISTRATIONS_LIST, en="Offers of seats that end soon", zh="即将到期的候补名额"),
        _queue("no_shows", REGISTRATIONS_LIST, en="Who did not come", zh="缺席的成员"),
    ],
    home=[HomePart("upcoming", ACTIVITIES_READ, list[Upcoming], waiting.home)],
)
