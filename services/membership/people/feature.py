"""The people of the company and what is said of them."""

from chassis.feature import Feature
from services.membership.people import routes
from services.membership.people.imports import people_import
from services.membership.people.snapshots import person_snapshots

feature = Feature(
    "people",
    routers=[routes.router],
    imports=[people_import],
    snapshots={"person": person_snapshots},
)
