"""Replies: posted, edited, accepted, removed and restored."""

from chassis.feature import Feature
from services.content.replies import moving, routes
from services.content.replies.removing import jobs

feature = Feature("replies", routers=[routes.router], jobs=[jobs, moving.jobs])
