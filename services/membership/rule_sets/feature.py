"""The rules of a community, and who has acknowledged them."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.permissions import RULE_SETS_WRITE
from services.membership.rule_sets import queries, reminding, routes, waiting
from services.membership.rule_sets.snapshots import acknowledgement_snapshots, rule_set_snapshots

feature = Feature(
    "rule_sets",
    routers=[routes.router],
    snapshots={"rule_set": rule_set_snapshots, "acknowledgement": acknowledgement_snapshots},
    timers=[reminding.timers],
    tasks=[waiting.rules_to_acknowledge],
    desk=[
        DeskQueue(
            "rules_not_acknowledged",
            RULE_SETS_WRITE,
            queries.waiting,
            en="Members who have not acknowledged the rules",
            zh="尚未确认社群规则的成员",
        )
    ],
)
