"""Discussions: started, edited, moderated, removed and restored."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.discussions import publishing, queries, routes
from services.content.discussions.service import timers
from services.content.permissions import DISCUSSIONS_MODERATE

feature = Feature(
    "discussions",
    routers=[routes.router],
    timers=[timers, publishing.timers],
    desk=[
        DeskQueue(
            "questions_overdue",
            DISCUSSIONS_MODERATE,
            queries.overdue_questions,
            en="Questions without a reply in time",
            zh="超时未回复的问题",
        )
    ],
)
