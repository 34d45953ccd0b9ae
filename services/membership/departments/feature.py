"""Departments, from code to parent."""

from chassis.feature import Feature
from services.membership.departments import imports, routes
from services.membership.people.snapshots import department_snapshots

feature = Feature(
    "departments",
    routers=[routes.router],
    jobs=[imports.jobs],
    snapshots={"department": department_snapshots},
)
