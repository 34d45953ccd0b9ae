from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.events.series.models import Series, SeriesOrganiser
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import OWN, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who made a series has no more than who runs it."""
DATES = 6
"""Enough that they are written together."""
MADE = {
    "kind": "workshop",
    "title": "每周讲课",
    "rule": {"frequency": "weekly", "weekdays": ["mo", "th"]},
    "starts_on": "2024-06-03",
    "count": DATES,
    "at": "14:00",
    "minutes": 90,
}

RECIPES = [
    recipe("create_series", body={"community_id": here(), "organiser_ids": [here("organiser")]} | MADE),
    recipe("list_series", query={"community_id": here(), "limit": 100}, shows=here("series")),
    recipe("read_series", here("series"), shows=here("series")),
    recipe("update_series", own("series run"), body={"title": "每周备课"}, version=1, whose=RUNS),
    recipe("announce_series", here("draft series"), version=1),
    recipe("move_series", here("series"), body={"at": "16:00"}, version=1),
    recipe("cancel_series", here("series"), body={"reason": "停办"}, version=1),
    recipe("extend_series", own("series run"), body={"count": 2}, version=1, whose=RUNS),
    recipe("join_series", here("series"), body={}, whose=OWN),
    recipe("leave_series", here("series"), whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        async def made(community_id: UUID, organiser_id: UUID, **facts: Any) -> UUID:
            series = Series(
                community_id=community_id,
                kind="workshop",
                frequency="weekly",
                weekdays=["mo"],
                starts_on=date(2024, 5, 13),
                counted_from=date(2024, 5, 13),
                at="14:00",
                minutes=120,
                time_zone="Asia/Shanghai",
                shared={"title": "怎么讲课", "mode": "offline"} | SHARED,
                organiser_ids=[str(organiser_id)],
                dates=DATES,
                created_at=now,
                **{"announced_at": now} | facts,
            )
            session.add(series)
            await session.flush()
            session.add(SeriesOrganiser(series_id=series.id, member_id=organiser_id))
            drafts = {"status": "draft", "announced_at": None} if series.announced_at is None else {}
            for number in range(1, DATES + 1):
                starts = now + timedelta(weeks=number)
                session.add(
                    an_activity(
                        community_id,
                        now,
                        **drafts,
                        series_id=series.id,
                        series_no=number,
                        series_on=starts.date(),
                        starts_at=starts,
                        ends_at=starts + timedelta(hours=2),
                        organiser_ids=[str(organiser_id)],
                    )
                )
            return series.id

        for ground in world.grounds.values():
            ground.ids["series"] = await made(ground.id, ground.ids["organiser"])
            ground.ids["draft series"] = await made(ground.id, ground.ids["organiser"], announced_at=None)
        for player in world.members:
            assert player.member_id is not None
            run = await made(player.ground.id, player.member_id)
            player.own["series run"] = player.assigned["series run"] = run


SHARED: dict[str, Any] = {
    "description": "",
    "location": None,
    "join_url": None,
    "contact": "",
    "category": "",
    "tags": [],
    "hours": None,
    "capacity": None,
    "min_attendance": None,
    "registration_opens_before": None,
    "registration_closes_before": None,
    "cancel_before": None,
    "seat_offers": "at_once",
    "check_out": "none",
    "recording_consent": False,
    "eligibility": None,
}
