"""Groups 小组 and who belongs to them."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.base import texts
from services.membership.groups import export_routes, exports, grouping_jobs, grouping_routes, naming, queries, routes
from services.membership.groups.imports import group_import
from services.membership.groups.snapshots import group_member_snapshots, group_snapshots
from services.membership.permissions import COMMUNITIES_UPDATE

texts.follows(naming.KIND, lock=naming.lock)(naming.take_verdict)

feature = Feature(
    "groups",
    routers=[grouping_routes.router, export_routes.router, routes.router],
    imports=[group_import],
    jobs=[grouping_jobs.jobs, exports.jobs],
    timers=[exports.timers],
    erasure=exports.erase,
    snapshots={"group": group_snapshots, "group_member": group_member_snapshots},
    desk=[
        DeskQueue(
            "groups_without_leader",
            COMMUNITIES_UPDATE,
            queries.without_leader,
            en="Groups without a leader",
            zh="无组长的小组",
        )
    ],
)
