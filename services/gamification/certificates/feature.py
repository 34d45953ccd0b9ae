"""Certificates: templates, issuing, ending, verifying."""

from chassis.feature import Feature
from services.gamification.certificates import (
    cohorts,
    ending,
    granting,
    granting_routes,
    printing_routes,
    routes,
    template_routes,
    verifying_routes,
)

feature = Feature(
    "certificates",
    # What has a fixed word in place of an id comes first.
    routers=[
        template_routes.router,
        verifying_routes.router,
        granting_routes.router,
        printing_routes.router,
        routes.router,
    ],
    handlers=[cohorts.handlers],
    timers=[ending.timers],
    jobs=[granting.jobs],
    erasure=ending.erase,
)
