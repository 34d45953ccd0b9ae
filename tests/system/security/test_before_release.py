"""Until a decision is released applicants learn nothing: no solution, no score, nor what interviewers and managers think of them.

Everything that an applicant can call is asked twice, in two worlds that differ in nothing but that: every answer is the same, with its status
and its tag.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import col, select

from assessment.frozen import document, paper_of
from assessment.questions import FALSE, TRUE, WHOLE, Choice
from services.membership.approvals.models import Approval
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import Interview, Interviewer
from services.membership.scorecards.models import Scorecard
from services.membership.screening_tests import papers
from services.membership.screening_tests.models import FrozenPaper
from tests.service.membership.testing import QUESTIONS, SECRET, paper, reworded
from tests.system.security.casts.opening import world_of
from tests.system.security.features import recipes
from tests.system.security.operations import by_id
from tests.system.security.recipe import Call, Case
from tests.system.security.world import Player, World

together = pytest.mark.asyncio(loop_scope="module")

APPLICANTS: Final = ("S", "M")
"""Somebody of the company, whose test, interview and approval are judged; and a member, who sees the community from inside."""
COMPOSED: Final = ("/internal/home", "/internal/tasks")
HIDDEN: Final = (SECRET, "会写窗口函数", "季度末走不开")
"""What graders, interviewers and managers wrote."""

OF_TESTS: Final = {"begin_test_attempt", "read_test_attempt", "save_test_answers", "hand_in_test_attempt"}

LOW, HIGH = 1, 5

Answers = dict[str, tuple[int, str | None, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    by_id()  # Who looks at every document has every permission known: members read theirs.
    async with world_of("membership", tmp_path_factory.mktemp("membership")) as made:
        yield made


@together
async def test_in_two_worlds_that_differ_in_what_is_right_and_what_was_judged_applicants_read_the_same(
    world: World,
) -> None:
    low, again, high = [await _walked(world, worth=worth) for worth in (LOW, LOW, HIGH)]
    assert low.keys() == high.keys()
    assert len(low) > 150
    assert [name for name in low if low[name] != again[name]] == [], "what is read twice is the same"
    assert [(name, low[name], high[name]) for name in low if low[name] != high[name]] == []


async def _walked(world: World, *, worth: int) -> Answers:
    """What is answered to whoever takes a test, and all that they and a member read once it is graded."""
    met = await _judge(world, worth=worth)
    summary = await world.home.owner.get("/v1/scorecards/summary", params={"application_id": str(met)})
    assert summary.json()["mean"] == worth, "those who decide read it"
    found: Answers = {}
    path = f"/v1/test-attempts/{_judged(world).own['attempt']}"
    held = {"client_id": str(world.things["test client"])}
    answers = [{"question_id": "q-true", "choices": ["true"]}, {"question_id": "q-text", "texts": ["查得快"]}]
    answered = held | {"answers": [one | {"sequence": 1} for one in answers]}
    for name, method, below, body, status in (
        ("sheet", "GET", "", None, 200),
        ("save", "PUT", "/answers", answered, 200),
        ("hand in", "POST", "/hand-in", held, 200),
        ("late", "PUT", "/answers", answered, 409),
    ):
        found[name] = _said(await _judged(world).client.request(method, f"{path}{below}", json=body))
        assert found[name][0] == status
    marks = {"marks": 100 if worth == HIGH else 0}
    graded = (await world.home.owner.put(f"{path}/marks/q-text", json=marks)).raise_for_status().json()
    assert (graded["score"], graded["passed"]) == ((200, True) if worth == HIGH else (0, False))
    await world.harness.run_timers()
    found |= await _read(world, met)
    world.frozen.put_back()
    return found


@together
async def test_whatever_an_applicant_calls_nothing_tells_a_solution_or_what_others_wrote(world: World) -> None:
    """The last of this file: the world stays judged."""
    await _judge(world, worth=LOW)
    world.frozen.keep()
    wrong, asked = [], set()
    for player, call in _calls(world, reads_only=False):
        answer = await call.send(player.client)
        asked.add(call.operation)
        said = answer.text + str(answer.headers)
        wrong += [f"{player.column} {call.operation}: {one}" for one in HIDDEN if one in said]
        if '"weight"' in said and call.operation in OF_TESTS:
            wrong.append(f"{player.column} {call.operation}: a weight")
        if world.frozen.changed():
            world.frozen.put_back()
    assert wrong == []
    assert asked >= OF_TESTS
    # Who grades reads it: there was something to hide.
    grader = world.players["W"]
    shown = [call for player, call in _calls(world, [grader]) if call.operation == "read_test_answers"]
    assert any([SECRET in (await call.send(grader.client)).text for call in shown])


# --- two worlds ------------------------------------------------------------------------------------------------------


async def _judge(world: World, *, worth: int) -> UUID:
    """Let everything be worth much or little: which answer is right, marks, what interviewers think, and what a manager says.

    Returns the application of whom they met.
    """
    papers._papers.clear()
    papers._sheets.clear()
    good, own = worth == HIGH, _judged(world).own
    async with world.transaction() as session:
        for kept in (await session.exec(select(FrozenPaper))).all():
            true = (Choice(TRUE, "对", WHOLE if good else 0), Choice(FALSE, "错", 0 if good else WHOLE))
            said = f"{SECRET}{worth}"
            kept.document = document(
                paper(
                    "q-true",
                    "q-text",
                    paper_id=UUID(paper_of(kept.document).id),
                    q_true=reworded(QUESTIONS["q-true"], choices=true, when_wrong=said, explanation=said),
                    q_text=reworded(QUESTIONS["q-text"], rubric=said),
                )
            )
        met = await session.get_one(Interview, own["interview"])
        assert met.application_id is not None
        met.starts_at, met.ends_at = [one - timedelta(days=10) for one in (met.starts_at, met.ends_at)]
        campaign = await session.get_one(Campaign, met.campaign_id)
        campaign.criteria = [{"code": "talk", "name": "表达", "weight": 1}]
        now = world.harness.clock()
        for one in (await session.exec(select(Interviewer).where(col(Interviewer.interview_id) == met.id))).all():
            session.add(
                Scorecard(
                    community_id=met.community_id, application_id=met.application_id, person_id=one.person_id,
                    status="handed_in", scores={"talk": worth},
                    comment=HIDDEN[1], handed_in_at=now, created_at=now, updated_at=now,
                )
            )  # fmt: skip
        theirs = update(Approval).where(col(Approval.application_id) == own["to approve"])
        outcome = "approved" if good else "refused"
        await session.execute(theirs.values(outcome=outcome, reason=HIDDEN[2], decided_by="system", decided_at=now))
        return met.application_id


# --- what is asked ---------------------------------------------------------------------------------------------------


def _applicants(world: World) -> list[Player]:
    return [world.players[column] for column in APPLICANTS]


def _judged(world: World) -> Player:
    return world.players[APPLICANTS[0]]


def _calls(
    world: World, players: list[Player] | None = None, *, reads_only: bool = True
) -> Iterator[tuple[Player, Call]]:
    """Every operation as these callers can name it: with what is their own, another's, and what they are assigned to."""
    for player in _applicants(world) if players is None else players:
        for operation, ways in recipes("membership").items():
            if reads_only and by_id()[operation].method != "GET":
                continue
            for recipe in ways:
                for whose in recipe.whose:
                    for variant in recipe.variants:
                        call = recipe.call(world, Case(player, whose, "home", variant))
                        if call is not None:
                            yield player, call


async def _read(world: World, met: UUID) -> Answers:
    """What each of them is answered, by a name for what was asked."""
    found: Answers = {}
    for player in _applicants(world):
        for path in COMPOSED:
            answer = await player.client.get(path, params={"community_id": str(world.home.id)})
            found[f"{player.column} {path}"] = _said(answer)
        for path in ("/v1/scorecards/summary", "/v1/scorecards"):
            answer = await player.client.get(path, params={"application_id": str(met)})
            found[f"{player.column} {path}"] = _said(answer)
        mine = await player.client.get("/v1/applications", params={"mine": True, "limit": 100})
        found[f"{player.column} applications"] = _said(mine)
        for number, one in enumerate(mine.json()["items"]):
            for below in ("", "/approval"):
                answer = await player.client.get(f"/v1/applications/{one['id']}{below}")
                found[f"{player.column} application {number}{below}"] = _said(answer)
    for number, (player, call) in enumerate(_calls(world)):
        found[f"{player.column} {call.operation} {number}"] = _said(await call.send(player.client))
    return found


def _said(answer: httpx.Response) -> tuple[int, str | None, str]:
    """Status, tag and text; ids that are made anew each time are left out."""
    return answer.status_code, answer.headers.get("ETag"), _ID.sub("…", answer.text)


_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
