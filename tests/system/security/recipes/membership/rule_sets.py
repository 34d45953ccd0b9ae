from datetime import timedelta
from typing import Any

from chassis.acknowledging import WITHIN
from services.membership.communities.models import Community
from services.membership.measures.models import RuleMeasure
from services.membership.rule_sets.models import RuleSet
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

MEASURE: dict[str, Any] = {"metric": "checkins", "op": "gte", "value": 3, "window": "week"}
RULE = {"code": "polite", "category": "etiquette", "title": "友善", "text": "尊重他人。", "severity": "minor"}

READ: dict[str, Any] = {
    "whose": OWN,
    "but": ["S", "A", "external", "hr", "auditor"],
    "why": "who was never a member has none of their own",
}

RECIPES = [
    recipe(
        "create_rule_set",
        body={"community_id": here(), "rules": [RULE]},
        also={"everyone": 409},
        why="There is a draft already, and one at a time.",
    ),
    recipe("list_rule_sets", query={"community_id": here()}, shows=here("rule_set"), **READ),
    recipe("read_current_rule_set", query={"community_id": here()}, shows=here("rule_set"), **READ),
    recipe("read_rule_set", here("rule_set"), shows=here("rule_set"), **READ),
    recipe("update_rule_set", here("draft_rule_set"), body={"rules": [RULE | {"title": "友善交流"}]}, version=1),
    recipe("delete_rule_set", here("draft_rule_set")),
    recipe("publish_rule_set", here("draft_rule_set")),
    recipe("acknowledge_rule_set", here("rule_set"), whose=OWN),
    recipe("list_missing_acknowledgements", here("rule_set")),
    recipe("list_measures", here("rule_set"), shows=here("measure"), **READ),
    recipe("list_short_members", here("rule_set"), "active"),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            draft = RuleSet(community_id=ground.id, rules=[RULE], created_at=now)
            rules = RuleSet(
                community_id=ground.id, number=1, rules=[RULE], created_at=now, published_at=now,
                acknowledge_by=now + WITHIN, reminded_until=now,
            )  # fmt: skip
            session.add_all([draft, rules])
            await session.flush()
            measure = RuleMeasure(
                community_id=ground.id, rule_set_id=rules.id, code="active", **MEASURE, since=now - timedelta(days=30)
            )
            session.add(measure)
            ground.ids["measure"] = measure.id
            community = await session.get_one(Community, ground.id)
            community.rule_set_id, community.rules_version = rules.id, 1
            community.rules_acknowledge_by = rules.acknowledge_by
            ground.ids["rule_set"], ground.ids["draft_rule_set"] = rules.id, draft.id
