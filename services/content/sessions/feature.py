"""Drafts about sharing sessions."""

from chassis.feature import Feature
from services.content.sessions import handlers, queries

feature = Feature("sessions", handlers=[handlers.handlers], tasks=[queries.to_finish])
