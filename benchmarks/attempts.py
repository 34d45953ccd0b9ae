"""An applicant's test: saving an answer and handing in, of a paper of 100 questions against one of 5, and against `GET /livez`.

Both go through the whole request path without a network; measured is the processor time of this process, and the statements that it sends.
Everybody answers every question in a request of its own, as clients do, and what was answered before stays there.

    python -m benchmarks.attempts [APPLICANTS]
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import col, select

from assessment.frozen import Asked, Paper, Pool, Section
from benchmarks.figures import Figure, end_with
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.people.models import Person
from tests.service.membership.scene import Scene
from tests.service.membership.testing import BY_MACHINE, QUESTIONS, Events, Testing
from tests.support.postgres import PostgresServer
from tests.support.statements import listening, recorded

APPLICANTS = 8
FEW, MANY = 5, 100
TO_REACH_SAVE, TO_REACH_HAND_IN = 6.0, 20.0
MORE_TO_SAVE, MORE_TO_HAND_IN = 1.5, 3.0
"""Of twenty times as many questions: a save knows nothing of the others, and handing in grades each."""


@dataclass
class Side:
    """What one paper takes, in milliseconds of CPU each, and in statements."""

    save: float
    hand_in: float
    statements: dict[str, int]


class Sheets(Testing):
    """A campaign whose paper has so many questions, of every kind that machines grade."""

    async def of(self, questions: int) -> None:
        """Open it."""
        kinds = [BY_MACHINE[place % len(BY_MACHINE)] for place in range(questions)]
        asked = tuple(Asked(f"{key}-{place}", 1, QUESTIONS[key]) for place, key in enumerate(kinds))
        self.paper = Paper(str(new_id()), 1, "SQL", (Section("全部", (Pool(questions, 100, asked),)),))
        self.community = await self.scene.community()
        self.events.has(self.paper, self.community["id"])
        self.campaign = await self.scene.campaign(
            self.community, steps=["form", "test"], opened=False, test=self.settings(minutes=60)
        )
        await self.scene.harness.run_jobs()
        await self.scene.send(self.scene.again("owner"), f"/v1/campaigns/{self.campaign['id']}/open")


def answer_to(asked: dict[str, Any], sequence: int) -> dict[str, Any]:
    """Something that can be answered to a question."""
    letters = [one["letter"] for one in asked["choices"]]
    given: dict[str, Any] = {"question_id": asked["id"], "sequence": sequence}
    match asked["kind"]:
        case "fill_in":
            return given | {"texts": ["asc"]}
        case "matching":
            pairs = zip([one["letter"] for one in asked["stems"]], letters, strict=True)
            return given | {"pairs": [{"stem": stem, "choice": choice} for stem, choice in pairs]}
        case "ordering":
            return given | {"choices": letters}
    return given | {"choices": letters[:1]}


async def measure(name: str, url: str, applicants: int) -> list[Figure]:
    """One database's figures."""
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    with listening():
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            await definition.bootstrap(harness.runtime)
            async with harness.runtime.database.reading() as session:
                admin_id = (await session.exec(select(Person.id).order_by(col(Person.id)))).one()
            scene = Scene(harness, harness.as_person(admin_id, platform=["admin"]))
            testing = Sheets(scene, Events(scene))
            few, many = [await _side(testing, questions, applicants) for questions in (FEW, MANY)]
            livez = await _livez(harness)
    figures: list[Figure] = []
    for what, ours, fewer, to_reach, more in (
        ("an answer of a test that is saved", many.save, few.save, TO_REACH_SAVE, MORE_TO_SAVE),
        ("a test that is handed in", many.hand_in, few.hand_in, TO_REACH_HAND_IN, MORE_TO_HAND_IN),
    ):
        of = f"{what}, {MANY} questions, CPU each, {name}"
        figures += [
            Figure(of, f"{ours:.2f} ms", f"`GET /livez` {livez:.2f} ms", ours / livez, to_reach, "most"),
            Figure(f"{of}, and of {FEW}", f"{ours:.2f} ms", f"{fewer:.2f} ms of {FEW}", ours / fewer, more, "most"),
        ]
    for what, key in (("saving", "save"), ("handing in", "hand_in")):
        ours_, other = many.statements[key], few.statements[key]
        of = f"statements of {what} a test of {MANY} questions, {name}"
        figures.append(Figure(of, str(ours_), f"{other} of {FEW} questions", ours_ - other, 0, "most", "more"))
    return figures


async def _side(testing: Sheets, questions: int, applicants: int) -> Side:
    await testing.of(questions)
    saves = hand_ins = 0.0
    statements: dict[str, int] = {}
    for number in range(applicants + 1):
        name = f"{questions}-{number}"
        attempt = await testing.begin(name, await testing.applicant(name))
        asked = [one for section in attempt["sections"] for one in section["questions"]]
        client, path = testing.scene.again(name), f"/v1/test-attempts/{attempt['id']}"
        held = {"client_id": testing.client_of(name)}
        bodies = [held | {"answers": [answer_to(one, place)]} for place, one in enumerate(asked, start=1)]
        began = time.process_time()
        for body in bodies:
            (await client.put(f"{path}/answers", json=body)).raise_for_status()
        saved = time.process_time()
        if number == 0:
            # The first is not measured: what is done for the first time takes longer. It counts.
            with recorded() as sent:
                (await client.put(f"{path}/answers", json=bodies[-1])).raise_for_status()
            statements["save"] = len(sent)
        before = time.process_time()
        with recorded() as sent:
            (await client.post(f"{path}/hand-in", json=held)).raise_for_status()
        statements["hand_in"] = len(sent)
        if number:
            hand_ins += time.process_time() - before
            saves += saved - began
    return Side(saves / applicants / questions * 1000, hand_ins / applicants * 1000, statements)


async def _livez(harness: Harness, times: int = 200) -> float:
    client = harness.anonymous()
    for _ in range(20):
        await client.get("/livez")
    began = time.process_time()
    for _ in range(times):
        (await client.get("/livez")).raise_for_status()
    return (time.process_time() - began) / times * 1000


def run(applicants: int = APPLICANTS) -> list[Figure]:
    """On both databases."""
    figures = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name, url in (
            ("SQLite", f"sqlite+aiosqlite:///{folder}/membership.db"),
            ("PostgreSQL", server.create_database("membership")),
        ):
            figures += asyncio.run(measure(name, url, applicants))
    return figures


if __name__ == "__main__":
    end_with(run(*map(int, sys.argv[1:2])))
