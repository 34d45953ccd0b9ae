"""Enrolment by rule."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.enrolment import reading, routes, service
from services.membership.permissions import COMMUNITIES_UPDATE

feature = Feature(
    "enrolment",
    routers=[routes.router],
    timers=[service.timers],
    desk=[
        DeskQueue(
            "members_no_longer_matching",
            COMMUNITIES_UPDATE,
            reading.waiting,
            en="Members who no longer match the rule",
            zh="不再符合加入规则的成员",
        )
    ],
)
