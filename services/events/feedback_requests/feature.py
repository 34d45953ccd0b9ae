"""Feedback requests: what colleagues think of a piece of work."""

from chassis.feature import Feature
from services.events.feedback_requests import counting, queries, routes, service
from services.events.feedback_requests.erasing import erase

feature = Feature(
    "feedback_requests",
    routers=[routes.router],
    timers=[service.timers, counting.timers],
    tasks=[queries.to_answer],
    erasure=erase,
)
"""Nobody but who is asked and who asks finds one: neither a queue of the desk nor a list of all."""
