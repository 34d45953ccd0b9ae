"""A community with mentors and members who seek one, for tests of mentorships."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.service.membership.scene import Scene

PATH = "/v1/mentorships"
WEEK = timedelta(weeks=1)


@dataclass
class Pairs:
    """People by name, all members of one community; `导师` and `副导师` have the role of mentor."""

    scene: Scene
    community: dict[str, Any]
    members: dict[str, str] = field(default_factory=dict)

    async def fill(self) -> "Pairs":
        for name in ("导师", "副导师", "学员", "新人"):
            await self.join(name, mentor=name.endswith("导师"))
        return self

    async def join(self, name: str, *, mentor: bool = False) -> str:
        member = await self.scene.member(name, self.community)
        self.members[name] = member["id"]
        if mentor:
            await self.grant(name)
        return str(member["id"])

    async def grant(self, name: str) -> dict[str, Any]:
        body = {"member_id": self.members[name], "role": "mentor"}
        return dict(await self.scene.send(self.scene.again("owner"), "/v1/role-grants", body))

    async def ask(self, name: str = "学员", mentor: str = "导师", *, status: int = 201, **body: Any) -> dict[str, Any]:
        """A member asks a mentor."""
        body = {"community_id": self.community["id"], "mentor_id": self.members[mentor]} | body
        return dict(await self.scene.send(self.scene.again(name), PATH, body, status=status))

    async def offer(
        self, name: str = "导师", mentee: str = "学员", *, status: int = 201, **body: Any
    ) -> dict[str, Any]:
        """A mentor offers it to a member."""
        body = {"community_id": self.community["id"], "mentee_id": self.members[mentee]} | body
        return dict(await self.scene.send(self.scene.again(name), PATH, body, status=status))

    async def do(
        self, name: str, verb: str, one: dict[str, Any], body: Any = None, *, status: int = 200
    ) -> dict[str, Any]:
        """Somebody does something with a mentorship."""
        path = f"{PATH}/{one['id']}/{verb}"
        return dict(await self.scene.send(self.scene.again(name), path, body, status=status))

    async def see(self, name: str, one: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
        return dict(await self.scene.see(self.scene.again(name), f"{PATH}/{one['id']}", status=status))

    async def begun(self, mentee: str = "学员", mentor: str = "导师", **body: Any) -> dict[str, Any]:
        """One that the mentor accepted."""
        return await self.do(mentor, "accept", await self.ask(mentee, mentor, **body))

    async def listed(self, name: str, **query: Any) -> list[dict[str, Any]]:
        return list((await self.scene.see(self.scene.again(name), PATH, **query))["items"])

    async def tasks(self, name: str) -> list[tuple[str, str]]:
        """What waits for somebody: code and title."""
        client = self.scene.again(name)
        found = await self.scene.see(client, "/internal/tasks")
        return [(one["code"], one["title"]) for one in found if "mentorship" in one["code"]]

    async def desk(self) -> dict[str, int]:
        """How many wait in each queue."""
        queues = await self.scene.see(self.scene.again("owner"), "/internal/desk", community_id=self.community["id"])
        wanted = ("mentees_without_mentor", "mentorships_without_notes", "mentorships_unattended")
        counts = {queue["code"]: queue["count"] for queue in queues if queue["code"] in wanted}
        for queue in queues:
            if queue["code"] in wanted:
                items = (await self.scene.see(self.scene.again("owner"), queue["href"]))["items"]
                assert len(items) == queue["count"], queue
        return counts

    async def told(self) -> list[tuple[str, str]]:
        """What was published about mentorships: what, and when."""
        found = await self.scene.harness.published("membership.mentorship")
        return [(one.type.split(".")[3], one.occurred_at.isoformat()) for one in found]

    async def inbox(self, name: str) -> list[str]:
        """What somebody reads in their inbox about mentorships, the newest first."""
        answer = await self.scene.again(name).get(
            "/v1/notifications",
            params={"community_id": self.community["id"]},
            headers={"Accept-Language": "zh-CN"},
        )
        return [line["text"] for line in answer.json()["items"] if (line["object"] or {}).get("kind") == "mentorship"]

    def later(self, by: timedelta) -> None:
        self.scene.harness.clock.advance(by)
