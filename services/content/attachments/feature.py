"""Attachments: files that are sent, kept, shown and forgotten."""

from chassis.feature import Feature
from services.content.attachments import processing, routes, sweeping, using

feature = Feature(
    "attachments",
    routers=[routes.router],
    handlers=[using.handlers],
    timers=[sweeping.timers],
    jobs=[processing.jobs, sweeping.jobs],
    erasure=sweeping.erase,
)
