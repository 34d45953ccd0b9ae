"""Articles: drafted, reviewed, published, revised, archived."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.articles import keeping, keeping_routes, queries, routes, version_routes
from services.content.permissions import ARTICLES_REVIEW

feature = Feature(
    "articles",
    routers=[routes.router, version_routes.router, keeping_routes.router],
    desk=[
        DeskQueue("articles_to_review", ARTICLES_REVIEW, queries.to_review),
        DeskQueue("knowledge_to_verify", ARTICLES_REVIEW, queries.to_verify),
    ],
    tasks=[keeping.to_verify],
)
