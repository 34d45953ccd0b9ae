"""A community whose operators and owners give points by hand."""

from chassis.testing import received
from contracts.membership import MemberRoleChanged
from tests.service.gamification.stage import JOINED, Stage

WELCOME = 10
REASON = "整理了新人手册"


class Scene(Stage):
    async def appoint(self, *roles):
        one = await self.member()
        changed = MemberRoleChanged(**self._member(one, JOINED, roles=roles))
        await self.harness.deliver(received(changed, occurred_at=JOINED, version=self._next(one.id)))
        return one

    async def give(self, by, to, points, **more):
        body = {"community_id": str(self.community_id), "member_id": str(to.id), "points": points, "reason": REASON}
        return await by.client.post("/v1/awards", json=body | more)

    async def points(self, one):
        return (await one.client.get(f"/v1/wallets/{one.id}")).json()["points"] - WELCOME

    async def budget(self, one):
        return (await one.client.get("/v1/awards/budget", params={"community_id": str(self.community_id)})).json()

    async def listed(self, one, **query):
        answer = await one.client.get("/v1/awards", params={"community_id": str(self.community_id)} | query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


async def to_approve(one):
    answer = await one.client.get("/internal/tasks")
    assert answer.status_code == 200, answer.text
    return [(task["title"], task["count"], task["href"]) for task in answer.json() if task["code"] == "approve_awards"]


def refused(response):
    return response.status_code, response.json()["code"]
