"""What follows from confirmed cases."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.penalties import queries, routes, service
from services.membership.penalties.snapshots import penalty_snapshots
from services.membership.permissions import PENALTIES_SUSPEND

feature = Feature(
    "penalties",
    routers=[routes.router],
    timers=[service.timers],
    snapshots={"penalty": penalty_snapshots},
    desk=[
        DeskQueue(
            "sanctions_proposed",
            PENALTIES_SUSPEND,
            queries.waiting_for_second,
            en="Sanctions that wait for a second person",
            zh="待第二人同意的处罚",
        )
    ],
)
"""Penalties and the sanctions that they bring."""
