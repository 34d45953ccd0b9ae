"""Question banks: questions, their versions, and who has read them."""

from chassis.feature import Feature
from services.events.question_banks import exports, importing, job_routes, question_routes, routes
from services.events.question_banks.erasing import erase

feature = Feature(
    "question_banks",
    routers=[routes.router, question_routes.router, job_routes.router],
    jobs=[importing.jobs, exports.jobs],
    timers=[exports.timers],
    erasure=erase,
)
