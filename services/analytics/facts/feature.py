"""What happened, kept as facts and counted into rollups."""

from chassis.feature import Feature
from services.analytics.base import penalties
from services.analytics.facts import erasing, handlers, moving, rebuilding, store

feature = Feature(
    "facts",
    handlers=[handlers.handlers],
    jobs=[moving.jobs, rebuilding.jobs],
    timers=[rebuilding.timers],
    erasure=erasing.erase,
    deeds=[penalties.again],
    figures={"facts_waiting": store.waiting},
)
