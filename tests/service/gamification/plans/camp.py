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
