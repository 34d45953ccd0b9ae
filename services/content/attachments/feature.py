"""Attachments: files that are sent, kept, shown and forgotten."""

from chassis.feature import Feature
from services.content.attachments import processing, routes, sweeping, taking, using

feature = Feature(
    "attachments",
    routers=[routes.router, taking.router],
    handlers=[using.handlers],
    timers=[sweeping.timers],
    jobs=[processing.jobs, sweeping.jobs],
    erasure=sweeping.erase,
)
