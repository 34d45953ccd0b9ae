"""Seasons with boards and prizes of their own."""

from chassis.feature import Feature
from services.gamification.seasons import closing, routes

feature = Feature("seasons", routers=[routes.router], timers=[closing.timers])
