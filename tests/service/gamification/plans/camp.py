"""A community with a check-in plan, and who makes it and takes part."""

from datetime import timedelta
from typing import Any

import httpx

from tests.service.gamification.stage import NOON, OnStage, Stage

FIRST_DAY = NOON.date()
"""A Monday, in the zone of the stage."""


class Camp(Stage):
    """Plans are made by the operator `runs`."""

    runs: OnStage

    async def open(self, **facts: Any) -> None:
        await super().open(**facts)
        self.runs = await self.member(roles=("operator",))

    def plan_body(self, **facts: Any) -> dict[str, Any]:
        """What a plan of two weeks is made of."""
        return {
            "community_id": str(self.community_id),
            "title": "二十一天读书营",
            "starts_on": FIRST_DAY.isoformat(),
            "ends_on": (FIRST_DAY + timedelta(days=13)).isoformat(),
        } | facts

    async def ask_for_plan(self, **facts: Any) -> httpx.Response:
        """Ask for a plan, as the operator."""
        return await self.runs.client.post("/v1/checkin-plans", json=self.plan_body(**facts))

    async def plan(self, *taking_part: OnStage, **facts: Any) -> str:
        """Make a plan in which these take part; its path."""
        made = await self.ask_for_plan(**facts)
        assert made.status_code == 201, made.text
        path = made.headers["Location"]
        for one in taking_part:
            await self.join(one, path)
        return path

    async def join(self, one: OnStage, path: str) -> dict[str, Any]:
        """Have a member take part."""
        joined = await one.client.post(f"{path}/join")
        assert joined.status_code == 200, joined.text
        return joined.json()

    async def read(self, one: OnStage, path: str) -> dict[str, Any]:
        """What a member reads there."""
        found = await one.client.get(path)
        assert found.status_code == 200, found.text
        return found.json()

    async def hand_in(self, one: OnStage, *paths: str, day: int | None = None, **body: Any) -> list[dict[str, Any]]:
        """Check a member in for these plans, on a day counted from the first; what the plans say."""
        if day is not None:
            self.harness.clock.now = NOON + timedelta(days=day)
        answer = await self.check_in(one, plan_ids=[path.rpartition("/")[2] for path in paths], **body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["plans"]

    async def progress(self, one: OnStage, path: str) -> list[dict[str, Any]]:
        """How far whoever the member may see is."""
        found = await one.client.get(f"{path}/progress", params={"limit": 100})
        assert found.status_code == 200, found.text
        return found.json()["items"]

    async def pay(self, code: str, **rule: Any) -> None:
        """Have an owner make an earning rule."""
        owner = await self.member(roles=("owner",))
        put = await owner.client.put(
            f"/v1/earning-rules/{code}",
            params={"community_id": str(self.community_id)},
            json={"once_per": "target", "xp": 0} | rule,
        )
        assert put.status_code in (200, 201), put.text
