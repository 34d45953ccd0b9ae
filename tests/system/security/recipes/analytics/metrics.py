from datetime import timedelta

from services.analytics.metrics.models import ReportedMetric, ReportedValue
from tests.system.security.recipe import here, import_recipes, recipe
from tests.system.security.world import World

HERE = {"community_id": here()}
DAYS = HERE | {"from": "2024-01-01", "to": "2024-03-31"}

RECIPES = [
    recipe("list_metrics", query=HERE, shows=here("followers")),
    recipe("read_metric", "active_members", query=DAYS | {"grain": "month", "group_by": "department"}),
    recipe("read_metric_values", query=DAYS | {"codes": "members,activity_rate", "compare": "previous"}),
    recipe(
        "create_metric",
        row="metric_values.write",
        why="who reports its values defines it",
        body=HERE | {"code": "visits", "name": "官网访问", "unit": "次", "source": "官网统计"},
    ),
    recipe(
        "report_metric_value",
        "followers",
        body=HERE | {"at": "2024-03-01T00:00:00Z", "value": 1280, "note": "公众号后台"},
    ),
    recipe("list_reported_values", "followers", query=HERE, shows=here("reported")),
    *import_recipes(
        "metrics_import",
        start="import_metrics",
        template="read_metrics_import_template",
        query=HERE,
        csv="code,at,value\nfollowers,2024-03-01T04:00:00Z,1280",
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            metric = ReportedMetric(
                community_id=ground.id,
                code="followers",
                name=f"粉丝 {ground.id}",
                unit="人",
                source="公众号后台",
                created_at=now,
            )
            session.add(metric)
            await session.flush()
            value = ReportedValue(
                metric_id=metric.id,
                community_id=ground.id,
                at=now - timedelta(days=3),
                day=(now - timedelta(days=3)).date(),
                value=1000,
                by="system",
                reported_at=now,
            )
            session.add(value)
            ground.ids["followers"], ground.ids["reported"] = metric.name, value.id
    await world.jobs_of_everybody("metrics_import", "metrics.import", of_community=True)
