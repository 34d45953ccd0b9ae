"""A community that names its stars."""

from datetime import UTC, datetime
from typing import Any

from chassis.testing import received
from contracts.membership import MemberRoleChanged, SanctionChanged
from tests.service.gamification.stage import JOINED, OnStage, Stage

STARS = "/v1/kudos/stars"
VOTING = datetime(2024, 6, 3, 4, tzinfo=UTC)
COUNTED = datetime(2024, 6, 8, 4, tzinfo=UTC)


class Stars(Stage):
    """A community that names its stars."""

    _suspensions = 0

    async def name(self, nominator: OnStage, member: OnStage) -> Any:
        body = {"community_id": str(self.community_id), "member_id": str(member.id)}
        return await nominator.client.post(STARS, json=body)

    async def vote(self, voter: OnStage, star: str, member: OnStage) -> Any:
        return await voter.client.post(f"{STARS}/{star}/vote", json={"member_id": str(member.id)})

    async def confirm(self, owner: OnStage, star: str, member: OnStage | None) -> Any:
        body = {"member_id": None if member is None else str(member.id)}
        return await owner.client.post(f"{STARS}/{star}/confirm", json=body)

    async def candidates(self, reader: OnStage, star: str) -> dict[str, int | None]:
        answer = await reader.client.get(f"{STARS}/{star}/candidates")
        assert answer.status_code == 200, answer.text
        return {one["member"]["member_id"]: one["votes"] for one in answer.json()["items"]}

    def at(self, moment: datetime) -> None:
        self.harness.clock.now = moment

    async def voted(self, members: list[OnStage]) -> str:
        """A star with two candidates, for the first of whom five vote, and one for the second."""
        star = (await self.name(members[2], members[0])).json()["id"]
        assert (await self.name(members[3], members[1])).status_code == 201
        self.at(VOTING)
        for voter in members[1:6]:
            assert (await self.vote(voter, star, members[0])).status_code == 200
        assert (await self.vote(members[0], star, members[1])).status_code == 200
        return star

    async def over(self, moment: datetime = COUNTED) -> None:
        """Have the days of voting be over, and done what follows."""
        self.at(moment)
        await self.harness.run_timers()
        await self.harness.run_jobs()

    async def read(self, reader: OnStage, star: str) -> Any:
        answer = await reader.client.get(f"{STARS}/{star}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def leads(self, reader: OnStage, star: str) -> set[str]:
        return {one["member_id"] for one in (await self.read(reader, star))["leading"]}

    async def change_roles(self, one: OnStage, *roles: str) -> None:
        """Have a member run the community from now on, or no longer."""
        facts = self._member(one, JOINED, roles=roles)
        told = received(MemberRoleChanged(**facts), occurred_at=self.harness.clock(), version=self._next(one.id))
        await self.harness.deliver(told)

    async def suspend(self, one: OnStage, status: str = "suspended", until: datetime | None = None) -> None:
        """Have a member be suspended, or no longer."""
        told = SanctionChanged(community_id=self.community_id, member_id=one.id, status=status, until=until)
        self._suspensions += 1
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=self._suspensions))

    async def tasks(self, one: OnStage) -> list[str]:
        """What waits for somebody."""
        answer = await one.client.get("/internal/tasks")
        assert answer.status_code == 200, answer.text
        return [task["code"] for task in answer.json()]


def wrong(refused: Any) -> tuple[int, str]:
    body = refused.json()
    return refused.status_code, body["errors"][0]["code"] if body.get("errors") else body["code"]
