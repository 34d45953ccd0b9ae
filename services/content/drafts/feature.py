"""Drafts: what a member is writing, kept for them alone."""

from chassis.feature import Feature
from services.content.drafts import routes, service

feature = Feature("drafts", routers=[routes.router], timers=[service.timers], erasure=service.erase)
