"""Articles: drafted, reviewed, published, revised, archived."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.articles import keeping, keeping_routes, queries, reading_routes, returned, routes, version_routes
from services.content.articles.reading_deeds import reading_deeds
from services.content.articles.scheduling import timers
from services.content.permissions import ARTICLES_REVIEW

feature = Feature(
    "articles",
    routers=[routes.router, version_routes.router, keeping_routes.router, reading_routes.router],
    timers=[timers],
    deeds=[reading_deeds],
    desk=[
        DeskQueue("articles_to_review", ARTICLES_REVIEW, queries.to_review, en="Articles to review", zh="待审阅的文章"),
        DeskQueue(
            "knowledge_to_verify", ARTICLES_REVIEW, queries.to_verify, en="Knowledge to verify", zh="待核实的知识"
        ),
    ],
    tasks=[keeping.to_verify, returned.to_mend],
)
