"""Feedback to those who run a community."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.feedback import queries, routes
from services.content.feedback.service import timers
from services.content.permissions import FEEDBACK_READ

feature = Feature(
    "feedback",
    routers=[routes.router],
    timers=[timers],
    tasks=[queries.to_owners, queries.to_read],
    desk=[
        DeskQueue(
            "feedback_to_answer", FEEDBACK_READ, queries.to_answer, en="Feedback to answer", zh="待答复的意见与投诉"
        ),
        DeskQueue(
            "feedback_to_close", FEEDBACK_READ, queries.to_close, en="Feedback to settle", zh="待办结的意见与投诉"
        ),
    ],
)
