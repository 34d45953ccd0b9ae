"""Who is responsible for what in a community."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.permissions import RESPONSIBILITIES_WRITE
from services.membership.responsibilities import queries, routes

feature = Feature(
    "responsibilities",
    routers=[routes.router],
    desk=[
        DeskQueue(
            "areas_without_holder",
            RESPONSIBILITIES_WRITE,
            queries.without_holder,
            en="Areas of work without a holder",
            zh="无负责人的工作领域",
        )
    ],
)
