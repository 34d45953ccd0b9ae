"""Certifications 持证: asked again and again, told in time, counted by department."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.gamification.certifications import keeping, queries, routes, workbook_routes
from services.gamification.permissions import CERTIFICATIONS_COMPLIANCE

feature = Feature(
    "certifications",
    routers=[routes.router, workbook_routes.router],
    timers=[keeping.timers],
    jobs=[keeping.jobs],
    tasks=[queries.to_fulfil],
    desk=[
        DeskQueue(
            "certifications_overdue",
            CERTIFICATIONS_COMPLIANCE,
            queries.overdue,
            en="Certifications overdue",
            zh="逾期未完成的持证",
        )
    ],
)
