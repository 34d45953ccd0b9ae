"""Question banks: questions, their versions, and who has read them."""

from chassis.feature import Feature
from services.events.question_banks import question_routes, routes
from services.events.question_banks.erasing import erase

feature = Feature("question_banks", routers=[routes.router, question_routes.router], erasure=erase)
