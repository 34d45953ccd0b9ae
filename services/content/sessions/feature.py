"""Drafts about sharing sessions."""

from chassis.feature import Feature
from services.content.sessions import handlers, queries, routes

feature = Feature("sessions", routers=[routes.router], handlers=[handlers.handlers], tasks=[queries.to_finish])
