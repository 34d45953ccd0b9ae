"""The step `test` of a campaign."""

from chassis.feature import Feature
from services.membership.screening_tests import (
    erasing,
    papers,
    regrade_routes,
    regrades,
    regrading,
    routes,
    running,
    waiting,
)

feature = Feature(
    "screening_tests",
    routers=[routes.router, regrade_routes.router],
    timers=[running.timers, regrading.timers],
    jobs=[papers.jobs, regrades.jobs],
    tasks=[waiting.to_take],
    desk=[waiting.to_grade],
    erasure=erasing.erase,
)
