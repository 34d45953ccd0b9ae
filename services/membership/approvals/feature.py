"""Approval of applicants by their managers."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.approvals import absences, asking, queries, routes, waiting
from services.membership.permissions import APPLICATIONS_DECIDE

feature = Feature(
    "approvals",
    routers=[routes.router],
    timers=[asking.timers],
    tasks=[waiting.to_approve],
    desk=[
        DeskQueue(
            "approvals_passed",
            APPLICATIONS_DECIDE,
            queries.passed,
            en="Approvals that wait for an owner",
            zh="待所有者审批的申请",
        )
    ],
    erasure=absences.erase,
)
