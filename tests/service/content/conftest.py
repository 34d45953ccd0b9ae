"""A community of people who talk, on a running content service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.messaging.republish import all_deeds
from chassis.testing import SettableClock
from services.content.definition import definition
from services.content.scanning.models import ListedWord, ScanRules, WordList
from tests.service.stage import NOON, OnStage, Stage

DISCUSSIONS = "/v1/discussions"
REPLIES = "/v1/replies"
ARTICLES = "/v1/articles"


@dataclass
class Talk:
    """The community, its members by name, and short ways to say what a test is not about."""

    stage: Stage
    members: dict[str, OnStage] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OnStage:
        return self.members[name]

    async def joins(self, name: str, *roles: str) -> OnStage:
        """Have somebody of this name join."""
        self.members[name] = await self.stage.member(roles=roles)
        return self.members[name]

    def later(self, **by: int) -> None:
        """Let time go by; minutes unless something else is said."""
        self.stage.harness.clock.advance(timedelta(**(by or {"minutes": 1})))

    async def send(self, name: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Post, and see the answer."""
        answer = await self[name].client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def change(self, name: str, path: str, body: Any, *, version: int = 1, status: int = 200) -> Any:
        """Patch the version that is named."""
        answer = await self[name].client.patch(path, json=body, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def see(self, name: str | None, path: str, *, answered: int = 200, **query: Any) -> Any:
        """Read; nobody in particular without a name."""
        client = self[name].client if name else self.stage.harness.anonymous()
        answer = await client.get(path, params=query or None)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def starts(self, name: str, title: str = "怎么写好教案？", *, status: int = 201, **fields: Any) -> Any:
        """Start a discussion: a question unless told otherwise."""
        body = {"community_id": str(self.stage.community_id), "kind": "question", "title": title, "body": "请指教。"}
        return await self.send(name, DISCUSSIONS, body | fields, status=status)

    async def replies(
        self, name: str, discussion: Any, body: str = "先写目标。", *, status: int = 201, **fields: Any
    ) -> Any:
        """Reply: an answer unless told otherwise; below a reply a comment."""
        sent = {"discussion_id": discussion["id"], "kind": "answer", "body": body} | fields
        return await self.send(name, REPLIES, sent, status=status)

    async def writes(self, name: str, title: str = "怎么主持读书会", *, status: int = 201, **fields: Any) -> Any:
        """Draft an article: a guide unless told otherwise."""
        body = {"community_id": str(self.stage.community_id), "kind": "guide", "title": title, "body": "先读一遍。"}
        return await self.send(name, ARTICLES, body | fields, status=status)

    async def approves(self, name: str, article: Any, *, status: int = 200) -> Any:
        """Approve what the article says now."""
        path = f"{ARTICLES}/{article['id']}"
        etag = (await self[name].client.get(path)).headers["ETag"]
        answer = await self[name].client.post(f"{path}/approve", headers={"If-Match": etag})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def publishes(self, name: str, title: str = "怎么主持读书会", **fields: Any) -> Any:
        """Draft an article and have it approved by the owner."""
        made = await self.writes(name, title, **fields)
        await self.send(name, f"{ARTICLES}/{made['id']}/submit")
        return await self.approves("群主", made)

    async def comments(self, name: str, answer: Any, body: str = "同意。", *, status: int = 201) -> Any:
        """Comment on an answer."""
        sent = {
            "discussion_id": answer["discussion_id"],
            "kind": "comment",
            "parent_reply_id": answer["id"],
            "body": body,
        }
        return await self.send(name, REPLIES, sent, status=status)

    async def thread(self, name: str, discussion: Any, **query: Any) -> list[str | None]:
        """The bodies that a thread shows at the top level, in its order."""
        listed = await self.see(name, REPLIES, discussion_id=discussion["id"], **query)
        return [item["body"] for item in listed["items"]]

    async def titles(self, name: str | None, **query: Any) -> list[str]:
        """The titles that a list shows, in its order."""
        listed = await self.see(name, DISCUSSIONS, **({"community_id": str(self.stage.community_id)} | query))
        return [item["title"] for item in listed["items"]]

    async def again(self, since: datetime | None = None) -> list[Any]:
        """What `qunxue republish content deeds` would send."""
        runtime = self.stage.harness.runtime
        async with runtime.database.reading() as session:
            return [one async for one in all_deeds(runtime.service.deeds, since)(session)]

    async def told(self, *types: str) -> list[tuple[str, int]]:
        """The messages of these types in their order, each with its version."""
        found = await self.stage.harness.published(*types)
        return [(one.type.split("content.")[1].removesuffix(".v1"), one.version) for one in found]


@pytest.fixture
async def talk(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        talk = Talk(stage)
        async with stage.together():
            await stage.open()
            await talk.joins("甲")
            await talk.joins("乙")
            await talk.joins("版主", "moderator")
        yield talk


@pytest.fixture
async def strict(talk):
    """A community that holds 刷单, refuses 泰山计划, and holds links."""
    community_id = talk.stage.community_id
    async with talk.stage.harness.runtime.database.transaction() as session:
        words = WordList(community_id=community_id, name="广告", enabled=True, created_at=talk.stage.harness.clock())
        session.add_all([words, ScanRules(community_id=community_id, generation=1, links="hold")])
        await session.flush()
        for word, action in (("刷单", "hold"), ("泰山计划", "reject")):
            session.add(ListedWord(list_id=words.id, key=word, word=word, category="广告", action=action, mode="word"))
    return talk


@pytest.fixture
async def hall(talk):
    """A community that lets its members ask without a name."""
    await talk.joins("群主", "owner")
    await talk.change("群主", f"{DISCUSSIONS}/policy?community_id={talk.stage.community_id}", {"unnamed": True})
    return talk
