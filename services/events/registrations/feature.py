"""Registrations: seats, the line, and what becomes of both."""

from chassis.feature import Feature
from services.events.registrations import offering, routes

feature = Feature("registrations", routers=[routes.router], timers=[offering.timers])
