"""The worst that one caller can do with what the API accepts, and 20 honest clients beside them."""

import asyncio
import math
import os
import time
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

import httpx
import psutil
from openpyxl import Workbook

from tests.system.api import Api
from tests.system.stacks import Stack, embedded

HONEST = 20
PAUSE_SECONDS = 0.5
MIB = 1024 * 1024
PASSWORD = "学习让人进步 2026"
FORM = {"type": "object", "properties": {"a": {"allOf": [{"uniqueItems": True}] * 900}}}
CSV = {"Content-Type": "text/csv"}


@dataclass
class Told:
    """What an attack needs to know."""

    url: str
    pid: int
    token: str
    owner_token: str
    admin_token: str
    community_id: str
    campaign_id: str

    @property
    def bad(self) -> dict[str, str]:
        """The headers of somebody who is no member and has no role."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def owner(self) -> dict[str, str]:
        """The headers of the community's owner, who may do what a member may and more."""
        return {"Authorization": f"Bearer {self.owner_token}"}

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident(self) -> float:
        """MiB of memory of the product."""
        process = psutil.Process(self.pid)
        return float(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / MIB)


@dataclass
class Scene:
    """A running product with a community, and the tokens of those who use it."""

    stack: Stack
    admin: Api
    tokens: list[str]
    community_id: str
    campaign: dict[str, Any]

    def told(self) -> Told:
        assert self.stack.product is not None
        return Told(
            self.stack.url,
            self.stack.product.pid,
            self.tokens[0],
            self.tokens[-1],
            self.admin.client.headers["authorization"].removeprefix("Bearer "),
            self.community_id,
            self.campaign["id"],
        )


@dataclass
class Measured:
    """What honest clients were answered, and how soon."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def add(self, other: "Measured") -> None:
        self.seconds += other.seconds
        self.statuses += other.statuses

    @property
    def p99(self) -> float:
        """Seconds."""
        return sorted(self.seconds)[max(0, math.ceil(len(self.seconds) * 0.99) - 1)]


@contextmanager
def started(folder: Any) -> Iterator[Scene]:
    # The attack is made from the address at which all of them log in.
    with embedded(folder, QUNXUE_LOGINS_PER_MINUTE="100000") as stack, stack.admin() as admin:
        rows = "\n".join(f"{number:05},人{number}" for number in range(HONEST + 2))
        assert admin.upload("/v1/people/imports", f"工号,姓名\n{rows}\n".encode())["failed"] == 0
        people = admin.get("/v1/people", limit=100)["items"]
        numbered = sorted((one["employee_no"], one["id"]) for one in people if one["employee_no"])
        tokens = []
        for number, person in numbered:
            code = admin.post(f"/v1/people/{person}/activation")["code"]
            admin.post("/v1/activations", {"code": code, "password": PASSWORD})
            with admin.log_in(number, PASSWORD) as one:
                tokens.append(one.tokens["access_token"])
        body = {
            "slug": "readers",
            "name": "读书会",
            "positioning": {"purpose": "skill", "statement": "一起学"},
            "owner_person_id": numbered[-1][1],
        }
        community = admin.post("/v1/communities", body)["id"]
        admin.post(f"/v1/communities/{community}/charters", {"vision": "人人会用数据"})
        admin.post(f"/v1/communities/{community}/open")
        owner = Api(stack.url, tokens[-1])
        campaign = owner.post(
            "/v1/campaigns",
            {
                "community_id": community,
                "title": "春季招募",
                "quota": 100,
                "closes_at": (stack.clock.now() + timedelta(days=9)).isoformat(),
                "channels": [{"code": "im", "name": "群"}],
                "form": FORM,
            },
        )
        owner.post(f"/v1/campaigns/{campaign['id']}/open")
        owner.client.close()
        yield Scene(stack, admin, tokens, community, campaign)


async def honest(scene: Scene, measured: Measured, over: Callable[[], bool]) -> None:
    """20 people who read, and now and then write, each at their own pace."""

    async def one(number: int) -> None:
        headers = {"Authorization": f"Bearer {scene.tokens[number]}"}
        async with httpx.AsyncClient(base_url=scene.stack.url, headers=headers, timeout=30, trust_env=False) as client:
            await asyncio.sleep(PAUSE_SECONDS * number / HONEST)
            turn = number
            while not over():
                turn += 1
                began = time.monotonic()
                if turn % 5:
                    path = ("/v1/people/me", f"/v1/communities/{scene.community_id}")[turn % 2]
                    answer = await client.get(path)
                else:
                    body = {"time_zone": ("Asia/Shanghai", "UTC")[turn % 2]}
                    me = await client.get("/v1/people/me")
                    answer = await client.patch("/v1/people/me", json=body, headers={"If-Match": me.headers["etag"]})
                measured.seconds.append(time.monotonic() - began)
                measured.statuses.append(answer.status_code)
                await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(one(number) for number in range(1, HONEST + 1)))


# --- the attacks -----------------------------------------------------------------------------------------------------

Attack = Callable[[Told, float], Coroutine[Any, Any, list[int]]]


async def half_sent_bodies(scene: Told, until: float) -> list[int]:
    """270 bodies of which one byte comes, without a token."""
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", scene.port) for _ in range(270)))
    for _, writer in opened:
        writer.write(b"POST /v1/sessions/refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
    await asyncio.sleep(max(0.0, until - time.monotonic()))
    for _, writer in opened:
        writer.close()
    return []


async def dearest_form(scene: Told, until: float) -> list[int]:
    """The dearest answers to the dearest form, eight at once."""
    answers = {"a": [{"x": number} for number in range(199)]}
    body = {"campaign_id": scene.campaign_id, "channel": "im", "answers": answers}
    return await again_and_again(scene, until, 8, "POST", "/v1/applications", json=body, headers=scene.bad)


async def dearest_markdown(scene: Told, until: float) -> list[int]:
    """Texts that take as many steps to show as is accepted, and more; eight members' worth at once."""
    wide = "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 190
    found: list[int] = []
    for body in (wide, "*a _b " * 3_300, "[" * 20_000):
        text = {"community_id": scene.community_id, "kind": "topic", "title": "长文", "body": body}
        ends = time.monotonic() + (until - time.monotonic()) / 2
        found += await again_and_again(scene, ends, 8, "POST", "/v1/discussions", json=text, headers=scene.owner)
    return found


async def dearest_search(scene: Told, until: float) -> list[int]:
    """The longest query of words of one character, eight at once."""
    query = " ".join("的一是在不了有和人这中大为上个国我以要他")[:100]
    path = "/v1/search"
    asked = {"community_id": scene.community_id, "q": query}
    return await again_and_again(scene, until, 8, "GET", path, params=asked, headers=scene.owner)


async def dearest_rule(scene: Told, until: float) -> list[int]:
    """The longest rule that is accepted, tried out again and again over all that was ever done."""
    condition = {"field": "kind", "op": "in", "value": ["answer", "comment"] * 25}
    rule = {"trigger": "reply.posted", "points": 1, "xp": 1, "when": [condition] * 10, "daily_cap": 1, "enabled": True}
    path = f"/v1/earning-rules/reply?community_id={scene.community_id}&dry_run=true"
    rule |= {"valid_from": "2000-01-01T00:00:00Z"}
    return await again_and_again(scene, until, 8, "PUT", path, json=rule, headers=scene.owner)


async def batches(scene: Told, until: float) -> list[int]:
    """12 batches at once, each of 500 members that do not exist."""
    ids = [str(uuid4()) for _ in range(500)]
    body = {"action": "remove", "reason": "x", "ids": ids}
    return await again_and_again(scene, until, 12, "POST", "/v1/members/batch", json=body, headers=scene.bad)


async def refused_uploads(scene: Told, until: float) -> list[int]:
    """Ten files of 49 MiB at once by somebody who may send none."""
    content = os.urandom(MIB) * 49
    headers = {**scene.bad, **CSV}
    path = f"/v1/members/imports?community_id={scene.community_id}"
    before = scene.resident()
    statuses = await again_and_again(scene, until, 10, "POST", path, content=content, headers=headers)
    # Once they were 500 MiB.
    assert scene.resident() - before < 150
    return statuses


async def log_ins(scene: Told, until: float) -> list[int]:
    """80 log-ins at once."""
    body = {"login": "00000", "password": PASSWORD}
    return await again_and_again(scene, time.monotonic(), 80, "POST", "/v1/sessions", json=body)


async def dearest_files(scene: Told, until: float) -> list[int]:
    """Files that once kept a job or the database busy, sent by an administrator."""
    headers = {"Authorization": f"Bearer {scene.admin_token}", **CSV}
    files = [far_row(), b"employee_no," + b",".join(b"c%d" % n for n in range(120_000)) + b"\n1\n", many_texts()]
    found: list[int] = []
    async with httpx.AsyncClient(base_url=scene.url, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            for content in files:
                answer = await client.post("/v1/people/imports", content=content, headers=headers)
                found.append(answer.status_code)
    return found


def far_row() -> bytes:
    row = '<row r="2147483648"><c r="A2" t="inlineStr"><is><t>1</t></is></c></row>'
    return workbook(f"<worksheet><sheetData>{row}</sheetData></worksheet>")


def many_texts() -> bytes:
    texts = "".join(f"<c t='inlineStr'><is><t>{number}</t></is></c>" for number in range(16_000))
    rows = "".join(f"<row>{texts}</row>" for _ in range(60))
    return workbook(f"<worksheet><sheetData>{rows}</sheetData></worksheet>")


def workbook(sheet: str) -> bytes:
    original, made = BytesIO(), BytesIO()
    Workbook().save(original)
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return made.getvalue()


async def again_and_again(scene: Told, until: float, at_once: int, method: str, path: str, **options: Any) -> list[int]:
    found: list[int] = []

    async def one(client: httpx.AsyncClient) -> None:
        first = True
        while first or time.monotonic() < until:
            first = False
            try:
                found.append((await client.request(method, path, **options)).status_code)
            except httpx.TransportError:
                # A file that is refused before it is read ends its connection.
                found.append(0)
                await asyncio.sleep(0.05)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=scene.url, timeout=60, trust_env=False, limits=limits) as client:
        await asyncio.gather(*(one(client) for _ in range(at_once)))
    return found


ATTACKS: list[Attack] = [
    half_sent_bodies,
    dearest_form,
    dearest_markdown,
    dearest_search,
    dearest_rule,
    dearest_files,
    batches,
    refused_uploads,
    log_ins,
]


def attacking(scene: Told, attack: Attack, seconds: float) -> list[int]:
    """Attack from a process of its own: what that costs the sender must not delay the honest clients. What was answered."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_attack, scene, attack, seconds).result()


def _attack(scene: Told, attack: Attack, seconds: float) -> list[int]:
    return asyncio.run(attack(scene, time.monotonic() + seconds))


async def beside(scene: Scene, attack: Attack, seconds: float) -> tuple[Measured, list[int]]:
    """What the honest were answered during an attack, and what the attacker was."""
    measured = Measured()
    answers = asyncio.create_task(asyncio.to_thread(attacking, scene.told(), attack, seconds))
    # Until it is over, for it begins when its process has started.
    await honest(scene, measured, answers.done)
    return measured, await answers


async def alone(scene: Scene, seconds: float) -> Measured:
    """What the honest are answered when nobody disturbs them."""
    measured, ends = Measured(), time.monotonic() + seconds
    await honest(scene, measured, lambda: time.monotonic() >= ends)
    return measured
