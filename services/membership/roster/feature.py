"""Who is a member of which community."""

from chassis.feature import Feature
from services.membership.base import texts
from services.membership.roster import describing, muting, routes
from services.membership.roster.imports import member_import
from services.membership.roster.snapshots import member_snapshots, sanction_snapshots

texts.follows(describing.KIND, lock=describing.lock)(describing.take_verdict)

feature = Feature(
    "roster",
    routers=[routes.router],
    imports=[member_import],
    snapshots={"member": member_snapshots, "sanction": sanction_snapshots},
    timers=[muting.timers],
    erasure=describing.erase,
)
