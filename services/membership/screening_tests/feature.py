"""The step `test` of a campaign."""

from chassis.feature import Feature
from services.membership.screening_tests import erasing, papers, routes, running, waiting

feature = Feature(
    "screening_tests",
    routers=[routes.router],
    timers=[running.timers],
    jobs=[papers.jobs],
    tasks=[waiting.to_take],
    desk=[waiting.to_grade],
    erasure=erasing.erase,
)
