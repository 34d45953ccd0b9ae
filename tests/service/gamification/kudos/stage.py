"""Members who give kudos, and moderation that answers."""

from typing import Any
from uuid import UUID

import httpx

from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from tests.service.gamification.stage import OnStage, Stage

WORDS = "把大家的问题整理成了清单"


class KudosStage(Stage):
    """A community of kudos."""

    async def give(self, giver: OnStage, receiver: OnStage, **body: Any) -> httpx.Response:
        """Have a member give kudos by the API."""
        said = {"community_id": str(self.community_id), "receiver_id": str(receiver.id), "text": WORDS}
        return await giver.client.post("/v1/kudos", json=said | body)

    async def given(self, giver: OnStage, receiver: OnStage, **body: Any) -> dict[str, Any]:
        """The same, which is taken."""
        response = await self.give(giver, receiver, **body)
        assert response.status_code == 201, response.text
        return response.json()

    async def decide(self, kudos_id: str, verdict: str, *, version: int = 1) -> None:
        """Have moderation decide about the text."""
        about = TextObject(service="gamification", kind="kudos", id=UUID(kudos_id), revision=1)
        told = TextDecided(community_id=self.community_id, object=about, root_id=UUID(kudos_id), verdict=verdict)
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=version))

    async def points(self, one: OnStage) -> int:
        """What a member has."""
        return (await one.client.get(f"/v1/wallets/{one.id}")).json()["points"]

    async def left(self, reader: OnStage) -> int | None:
        """How many kudos a member may still give, as they read it."""
        answer = await reader.client.get("/v1/kudos", params={"community_id": str(self.community_id), "limit": 1})
        assert answer.status_code == 200, answer.text
        left: int | None = answer.json()["left_today"]
        return left

    async def listed(self, reader: OnStage, **query: Any) -> list[dict[str, Any]]:
        """The kudos that a member reads."""
        answer = await reader.client.get("/v1/kudos", params={"community_id": str(self.community_id)} | query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]
