"""Departments, from code to parent."""

from chassis.feature import Feature
from services.membership.departments import routes
from services.membership.departments.imports import department_import
from services.membership.departments.snapshots import department_snapshots

feature = Feature(
    "departments",
    routers=[routes.router],
    imports=[department_import],
    snapshots={"department": department_snapshots},
)
