"""A community that offers rewards, who runs its catalogue, and who earns and buys."""

from typing import Any

import httpx

from tests.service.gamification.stage import OnStage, Stage


class Mall(Stage):
    """The catalogue is run by the operator `runs`."""

    runs: OnStage

    async def open(self, **facts: Any) -> None:
        await super().open(**facts)
        self.runs = await self.member(roles=("operator",))

    async def ask_for_reward(self, **facts: Any) -> httpx.Response:
        """Ask for a reward, as the operator: a mug that is picked up, unless `facts` say otherwise."""
        body = {
            "community_id": str(self.community_id),
            "kind": "physical",
            "title": "马克杯",
            "cost": 8,
            "stock": 5,
            "delivery": "pickup",
        }
        given = {name: value for name, value in (body | facts).items() if value is not None}
        return await self.runs.client.post("/v1/rewards", json=given)

    async def reward(self, **facts: Any) -> str:
        """Offer a reward; its path."""
        made = await self.ask_for_reward(**facts)
        assert made.status_code == 201, made.text
        return made.headers["Location"]

    async def vouchers(self, *codes: str, **facts: Any) -> str:
        """Offer vouchers with these codes; the path."""
        said = {"kind": "voucher", "stock": None, "delivery": None, "fulfilment": "automatic"}
        path = await self.reward(**(said | facts))
        if codes:
            handed_in = await self.runs.client.post(f"{path}/voucher-codes", json={"codes": codes})
            assert handed_in.status_code == 200, handed_in.text
        return path

    async def read(self, one: OnStage, path: str) -> dict[str, Any]:
        """What a member reads there."""
        found = await one.client.get(path)
        assert found.status_code == 200, found.text
        return found.json()

    async def offered(self, one: OnStage, **query: Any) -> list[dict[str, Any]]:
        """What a member finds in the catalogue."""
        found = await one.client.get("/v1/rewards", params={"community_id": str(self.community_id)} | query)
        assert found.status_code == 200, found.text
        return found.json()["items"]

    async def audit_trail(self) -> list[Any]:
        """Everything in the audit trail."""
        entries = self.harness.runtime.service.tables.chassis.audit_entries
        async with self.harness.runtime.database.reading() as session:
            return list((await session.execute(entries.select())).all())
