"""Articles: drafted, reviewed, published, revised, archived."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.articles import queries, routes, version_routes
from services.content.permissions import ARTICLES_REVIEW

feature = Feature(
    "articles",
    routers=[routes.router, version_routes.router],
    desk=[DeskQueue("articles_to_review", ARTICLES_REVIEW, queries.to_review)],
)
