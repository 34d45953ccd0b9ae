"""Keeping the people of the company."""

from chassis.feature import Feature
from services.membership.directory import routes
from services.membership.directory.imports import people_import

feature = Feature(
    "directory",
    routers=[routes.router],
    imports=[people_import],
)
