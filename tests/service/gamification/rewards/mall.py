"""A community that offers rewards, who runs its catalogue, and who earns and buys."""

from typing import Any

import httpx

from chassis.testing import received
from contracts.membership import CommunityOpened, MemberJoined
from tests.service.gamification.stage import JOINED, OnStage, Stage


class Mall(Stage):
    """The catalogue is run by the operator `runs`."""

    runs: OnStage

    async def open(self, **facts: Any) -> None:
        await super().open(**facts)
        self.runs = await self.member(roles=("operator",))

    async def another_community(self, *members: OnStage) -> str:
        """Another community with the operator and these members; its id."""
        other = self._community | {"community_id": self.known_as("other"), "slug": "other", "name": "另一个"}
        await self.harness.deliver(received(CommunityOpened(**other), occurred_at=JOINED))
        for one, roles in ((self.runs, ("operator",)), *((member, ()) for member in members)):
            there = {"member_id": self.known_as(one.employee_no), "community_id": other["community_id"], "roles": roles}
            joined = MemberJoined(**self._member(one, JOINED, **there))
            await self.harness.deliver(received(joined, occurred_at=JOINED))
        return str(other["community_id"])

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

    async def ask(
        self, one: OnStage, path: str, *, headers: dict[str, str] | None = None, **facts: Any
    ) -> httpx.Response:
        """Ask for a reward as a member, at what it costs unless `facts` say otherwise."""
        reward = path.rsplit("/", 1)[1]
        if "cost_seen" not in facts:
            facts["cost_seen"] = (await self.runs.client.get(path)).json()["cost"]
        body = {"reward_id": reward, "community_id": str(self.community_id)} | facts
        return await one.client.post("/v1/redemptions", json=body, headers=headers)

    async def redeem(self, one: OnStage, path: str, **facts: Any) -> dict[str, Any]:
        """Redeem a reward as a member."""
        answer = await self.ask(one, path, **facts)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def decide(self, redemption: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """Decide about a redemption as the operator."""
        said = body if body or verb == "fulfil" else None
        answer = await self.runs.client.post(f"/v1/redemptions/{redemption['id']}/{verb}", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def points(self, one: OnStage) -> tuple[int, int]:
        """What a member can spend, and what is held."""
        wallet = await self.read(one, f"/v1/wallets/{one.id}")
        return wallet["points"], wallet["held"]

    async def told_of(self, redemption: dict[str, Any]) -> list[Any]:
        """The messages about a redemption, in their order."""
        kinds = ("requested", "approved", "fulfilled", "refunded")
        told = [one for kind in kinds for one in await self.harness.published(f"redemption.{kind}")]
        mine = [one for one in told if one.data["redemption_id"] == redemption["id"]]
        return sorted(mine, key=lambda one: one.version)

    async def desk(self, code: str) -> dict[str, Any]:
        """A queue of the operator's desk."""
        found = await self.runs.client.get("/internal/desk", params={"community_id": str(self.community_id)})
        assert found.status_code == 200, found.text
        return next(one for one in found.json() if one["code"] == code)

    async def tasks(self, one: OnStage) -> list[dict[str, Any]]:
        """What waits for a member."""
        found = await one.client.get("/internal/tasks")
        assert found.status_code == 200, found.text
        return found.json()

    async def erase(self, one: OnStage) -> None:
        """Have all that features hold about somebody erased, twice, as may happen."""
        for _ in range(2):
            async with self.harness.runtime.database.transaction() as session:
                for feature in self.harness.runtime.service.features:
                    if feature.erasure is not None:
                        await feature.erasure(session, one.person_id, self.harness.clock())
