"""The star of the month."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.gamification.permissions import KUDOS_CONFIRM
from services.gamification.stars import routes, settling, waiting
from services.gamification.stars.deeds import star_deeds

feature = Feature(
    "stars",
    routers=[routes.router],
    timers=[settling.timers],
    jobs=[settling.jobs],
    deeds=[star_deeds],
    tasks=[waiting.own_stars],
    desk=[
        DeskQueue("stars_to_confirm", KUDOS_CONFIRM, waiting.to_confirm, en="Stars to confirm", zh="待确认的月度之星")
    ],
)
