"""What rules want of each member in each window."""

from chassis.feature import Feature
from services.membership.measures import handlers, routes, service

feature = Feature("measures", routers=[routes.router], handlers=[handlers.handlers], timers=[service.timers])
