"""The people of the company and what is said of them."""

from chassis.feature import Feature
from services.membership.people import import_routes, routes
from services.membership.people.snapshots import person_snapshots

feature = Feature(
    "people",
    routers=[import_routes.router, routes.router],
    jobs=[import_routes.jobs],
    snapshots={"person": person_snapshots},
)
