"""Reports of communities, by the week and as somebody asks."""

from chassis.feature import Feature
from services.analytics.reports import making, routes, weekly
from services.analytics.reports.exports import routes as export_routes
from services.analytics.reports.exports import service as exporting

feature = Feature(
    "reports",
    # What has a fixed word in place of an id comes first.
    routers=[export_routes.router, routes.router],
    timers=[weekly.timers],
    jobs=[making.jobs, exporting.jobs],
)
