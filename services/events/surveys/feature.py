"""Surveys: asked, answered, closed and shown."""

from chassis.feature import Feature
from services.events.surveys import closing, pulse, queries, routes, wiping
from services.events.surveys.deeds import answer_deeds, closing_deeds
from services.events.surveys.erasing import erase

feature = Feature(
    "surveys",
    routers=[routes.router],
    timers=[closing.timers, wiping.timers, pulse.timers],
    jobs=[wiping.jobs],
    tasks=[queries.to_answer],
    deeds=[answer_deeds, closing_deeds],
    erasure=erase,
)
