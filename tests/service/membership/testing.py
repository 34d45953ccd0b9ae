"""A campaign with a test: events is a stand-in that has one paper."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assessment.frozen import Asked, Paper, Pool, Section, document, fingerprint
from assessment.questions import FALSE, TRUE, WHOLE, Accepted, Blank, Choice, Question, Stem
from chassis.ids import new_id
from tests.service.membership.scene import Scene

SECRET = "只有阅卷人知道"
"""Stands in every explanation and rubric: what applicants read never has it."""

QUESTIONS = {
    "q-single": Question("single", "SELECT 从哪里取数？", (Choice("A", "表", WHOLE), Choice("B", "图"), Choice("C", "树")), explanation=SECRET),
    "q-multiple": Question(
        "multiple", "哪些是聚合函数？", (Choice("A", "SUM", WHOLE // 2, feedback=SECRET), Choice("B", "MAX", WHOLE // 2), Choice("C", "LEFT")), when_right=SECRET
    ),
    "q-true": Question("true_false", "NULL 等于 NULL。", (Choice(TRUE, "对"), Choice(FALSE, "错", WHOLE)), when_wrong=SECRET),
    "q-blank": Question("fill_in", "升序的关键字是 ____。", blanks=(Blank((Accepted("ASC-" + SECRET), Accepted("asc"))),)),
    "q-order": Question("ordering", "排出执行顺序。", (Choice("A", "FROM"), Choice("B", "WHERE"), Choice("C", "SELECT"))),
    "q-match": Question(
        "matching", "配对。", (Choice("A", "行"), Choice("B", "列")), (Stem("1", "记录", "A", feedback=SECRET), Stem("2", "字段", "B"))
    ),
    "q-text": Question("short_text", "为什么要建索引？", rubric=SECRET),
}  # fmt: skip
RIGHT: dict[str, dict[str, Any]] = {
    "q-single": {"choices": ["表"]},
    "q-multiple": {"choices": ["SUM", "MAX"]},
    "q-true": {"choices": ["错"]},
    "q-blank": {"texts": ["ＡＳＣ"]},
    "q-order": {"choices": ["FROM", "WHERE", "SELECT"]},
    "q-match": {"pairs": [("记录", "行"), ("字段", "列")]},
    "q-text": {"texts": ["查得快"]},
}
"""By what people read: each sees other letters."""
BY_MACHINE = tuple(one for one in RIGHT if one != "q-text")


def paper(*keys: str, version: int = 1, paper_id: UUID | None = None, **changed: Question) -> Paper:
    """A paper of these questions, each of one mark, of which everybody gets all."""
    asked = tuple(Asked(key, version, changed.get(key.replace("-", "_"), QUESTIONS[key])) for key in keys or QUESTIONS)
    return Paper(str(paper_id or new_id()), version, "SQL 基础", (Section("全部", (Pool(len(asked), 100, asked),)),))


class Events:
    """Answers for the papers it was given, as events would."""

    def __init__(self, scene: Scene) -> None:
        self.papers: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.down = False
        scene.harness.runtime.peers.apps = {"membership": scene.harness.app, "events": self}

    def has(self, one: Paper, community_id: str, **wrong: Any) -> None:
        """It has this paper."""
        kept = document(one)
        answer = {"community_id": community_id, "document": kept, "fingerprint": fingerprint(kept), "attachments": []}
        self.papers[f"/internal/papers/{one.id}/{one.version}"] = answer | wrong

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).body()
        self.asked.append(scope["path"])
        found = self.papers.get(scope["path"])
        answer: Response = JSONResponse(orjson.loads(orjson.dumps(found))) if found else Response(status_code=404)
        await (Response(status_code=503) if self.down else answer)(scope, receive, send)


@dataclass
class Testing:
    """A campaign whose applicants take a test."""

    scene: Scene
    events: Events
    community: dict[str, Any] = field(default_factory=dict)
    campaign: dict[str, Any] = field(default_factory=dict)
    paper: Paper = field(default_factory=paper)
    clients: dict[str, UUID] = field(default_factory=dict)

    async def opened(
        self,
        *keys: str,
        steps: Sequence[str] = ("form", "test"),
        community: dict[str, Any] | None = None,
        **test: Any,
    ) -> dict[str, Any]:
        """The campaign, open, with a paper of these questions; the window and the like are `test`."""
        self.paper = paper(*keys)
        self.community = community or await self.scene.community()
        self.events.has(self.paper, self.community["id"])
        self.campaign = await self.scene.campaign(
            self.community, steps=list(steps), opened=False, test=self.settings(**test)
        )
        await self.scene.harness.run_jobs()
        path = f"/v1/campaigns/{self.campaign['id']}/open"
        self.campaign = await self.scene.send(self.scene.again("owner"), path)
        return self.campaign

    def settings(self, **test: Any) -> dict[str, Any]:
        """What the campaign's test is set to."""
        return {"paper_id": self.paper.id, "paper_version": self.paper.version} | test

    async def applicant(self, name: str) -> dict[str, Any]:
        """An application that has come as far as the test."""
        application = await self.scene.apply(name, self.campaign)
        for _ in range(2):
            path = f"/v1/applications/{application['id']}/advance"
            application = application | await self.scene.send(self.scene.again("owner"), path)
        assert application["state"] == "testing"
        return application

    def client_of(self, name: str) -> str:
        """The id of this person's own device."""
        return str(self.clients.setdefault(name, new_id()))

    async def begin(self, name: str, application: dict[str, Any], *, status: int | None = None, **body: Any) -> Any:
        """An attempt, from the person's own device unless another is named."""
        asked = {"application_id": application["id"], "client_id": self.client_of(name)} | body
        return await self.scene.send(self.scene.again(name), "/v1/test-attempts", asked, status=status)

    async def save(
        self, name: str, attempt: dict[str, Any], *keys: str, status: int = 200, sequence: int = 1, **body: Any
    ) -> Any:
        """Right answers to these questions."""
        answers = [given(attempt, key, sequence=sequence) for key in keys]
        return await self.put(name, attempt, answers, status=status, **body)

    async def put(
        self, name: str, attempt: dict[str, Any], answers: list[dict[str, Any]], *, status: int = 200, **body: Any
    ) -> Any:
        """These answers."""
        asked = {"client_id": self.client_of(name), "answers": answers} | body
        answer = await self.scene.again(name).put(f"/v1/test-attempts/{attempt['id']}/answers", json=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def hand_in(self, name: str, attempt: dict[str, Any], *, status: int | None = None) -> Any:
        """Handed in by the person's own device."""
        path = f"/v1/test-attempts/{attempt['id']}/hand-in"
        return await self.scene.send(self.scene.again(name), path, {"client_id": self.client_of(name)}, status=status)

    async def seen(self, application: dict[str, Any], *, by: str = "owner") -> dict[str, Any]:
        """The application as somebody reads it."""
        return dict(await self.scene.see(self.scene.again(by), f"/v1/applications/{application['id']}"))

    async def extra(self, application: dict[str, Any], minutes: int, *, by: str = "owner", status: int = 200) -> Any:
        """More time."""
        path = f"/v1/applications/{application['id']}/extra-time"
        answer = await self.scene.again(by).put(path, json={"minutes": minutes})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def tasks(self, name: str) -> list[dict[str, Any]]:
        """What waits for somebody."""
        return list(await self.scene.see(self.scene.again(name), "/internal/tasks"))

    async def told(self, name: str) -> list[dict[str, Any]]:
        """The lines of their inbox about the test."""
        inbox = await self.scene.see(self.scene.again(name), "/v1/notifications")
        return [
            one for one in inbox["items"] if one["template"] == "reminder.test" or one["template"].startswith("test.")
        ]

    async def pass_time(self, **by: float) -> None:
        """Time goes by, and what was due is done."""
        self.scene.harness.clock.advance(timedelta(**by))
        await self.scene.harness.run_timers()


def given(attempt: dict[str, Any], key: str, *, sequence: int = 1, wrong: bool = False) -> dict[str, Any]:
    """The right answer to a question of this attempt by its letters, or, of a question with choices, its opposite."""
    asked = next(one for section in attempt["sections"] for one in section["questions"] if one["id"] == key)
    letters = {one["text"]: one["letter"] for one in [*asked["choices"], *asked["stems"]]}
    answer: dict[str, Any] = {"question_id": key, "sequence": sequence}
    for part, values in RIGHT[key].items():
        if part == "pairs":
            answer[part] = [{"stem": letters[stem], "choice": letters[choice]} for stem, choice in values]
        elif part == "choices":
            answer[part] = [letters[one] for one in values]
        else:
            answer[part] = values
    if wrong:
        others = [one["letter"] for one in asked["choices"] if one["letter"] not in answer["choices"]]
        answer["choices"] = others[:1]
    return answer


async def at_once(*requests: Any) -> list[httpx.Response]:
    """The answers to requests that are sent at the same moment."""
    return list(await asyncio.gather(*requests))


def reworded(question: Question, **changed: Any) -> Question:
    """The question with some parts changed."""
    return replace(question, **changed)
