"""Cohorts of a community."""

from chassis.feature import Feature
from services.membership.cohorts import routes
from services.membership.cohorts.snapshots import cohort_snapshots

feature = Feature(
    "cohorts",
    routers=[routes.router],
    snapshots={"cohort": cohort_snapshots},
)
