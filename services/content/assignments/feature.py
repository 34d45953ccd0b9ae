"""Assignments of questions to experts."""

from chassis.feature import Feature
from services.content.assignments import queries, routes

feature = Feature("assignments", routers=[routes.router], tasks=[queries.to_answer])
