"""A wrong question of a test: a later version of the paper is tried first, then decided, then graded by. Who failed by it alone comes back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from assessment.questions import FALSE, TRUE, WHOLE, Choice
from services.membership.applications import forgetting
from services.membership.applications.models import Application
from services.membership.screening_tests import models
from tests.service.membership.testing import QUESTIONS, at_once, given, paper

CORRECTED = replace(QUESTIONS["q-true"], choices=(Choice(TRUE, "对", WHOLE), Choice(FALSE, "错")))
"""What was right is wrong, and the other way round."""
ASKED = ("q-single", "q-true")


async def published(testing: Any, *keys: str, version: int = 2, **changed: Any) -> None:
    """Events has this version, too."""
    later = paper(*keys, version=version, paper_id=testing.paper.id, **changed)
    testing.events.has(later, testing.community["id"])


async def asks(testing: Any, *, version: int = 2, status: int = 201) -> Any:
    body = {"paper_version": version, "reason": "答案有误"}
    path = f"/v1/campaigns/{testing.campaign['id']}/regrades"
    return await testing.scene.send(testing.scene.again("owner"), path, body, status=status)


async def works(testing: Any) -> None:
    await testing.scene.harness.run_jobs()
    await testing.scene.harness.run_timers()


async def tries(testing: Any, *, version: int = 2) -> Any:
    """A correction that was tried."""
    made = await asks(testing, version=version)
    await works(testing)
    return await read(testing, made)


async def read(testing: Any, regrade: Any) -> Any:
    return await testing.scene.see(testing.scene.again("owner"), f"/v1/campaigns/regrades/{regrade['id']}")


async def applies(testing: Any, regrade: Any, *, status: int | None = None) -> Any:
    return await testing.scene.send(
        testing.scene.again("owner"), f"/v1/campaigns/regrades/{regrade['id']}/apply", status=status
    )


async def corrects(testing: Any, *, version: int = 2) -> Any:
    """A correction from the beginning to the end."""
    regrade = await tries(testing, version=version)
    assert regrade["status"] == "tried", regrade
    await applies(testing, regrade)
    await testing.scene.harness.run_timers()
    regrade = await read(testing, regrade)
    assert regrade["status"] == "graded"
    return regrade


async def takes(testing: Any, name: str, *right: str, wrong: tuple[str, ...] = ()) -> dict[str, Any]:
    """An application whose test is handed in, with these answers."""
    application: dict[str, Any] = await testing.applicant(name)
    await hands_in(testing, name, application, *right, wrong=wrong)
    return application


async def hands_in(testing: Any, name: str, application: Any, *right: str, wrong: tuple[str, ...] = ()) -> Any:
    attempt = await testing.begin(name, application)
    answers = [*(given(attempt, one) for one in right), *(given(attempt, one, wrong=True) for one in wrong)]
    if answers:
        await testing.put(name, attempt, answers)
    await testing.hand_in(name, attempt)
    await testing.scene.harness.run_timers()
    return attempt


@pytest.fixture
async def wrong(testing):
    """A test that knocks out, whose second question is wrong, and the version that corrects it."""
    await testing.opened(*ASKED, knock_out=True)
    await published(testing, *ASKED, q_true=CORRECTED)
    return testing


async def test_who_failed_by_a_wrong_question_alone_comes_back_first_in_line_and_nobody_accepted_falls(wrong):
    testing, scene = wrong, wrong.scene
    path = f"/v1/campaigns/{testing.campaign['id']}"
    await scene.change(scene.again("owner"), path, {"quota": 1})
    out = await takes(testing, "小红", "q-single", wrong=("q-true",))
    idle = await takes(testing, "小李")
    accepted, listed, there = [await takes(testing, name, *ASKED) for name in ("小明", "小华", "小刚")]
    await scene.decide(accepted, "accepted")
    await scene.decide(listed, "waitlisted")
    assert [(await testing.seen(one))["state"] for one in (out, idle, there)] == ["decided", "decided", "testing"]
    waited = next(one["at"] for one in (await testing.seen(out))["moves"] if one["to_state"] == "testing")
    before = [await testing.seen(one) for one in (out, idle, accepted, listed, there)]

    tried = await tries(testing)
    assert (tried["status"], tried["before_version"], tried["viewer"]["can"]) == ("tried", 1, ["apply", "drop"])
    assert [tried[name] for name in ("looked_at", "changed", "passes", "fails", "returns", "returned")] == [
        5, 4, 1, 3, 1, 0,
    ]  # fmt: skip
    lines = (await scene.see(scene.again("owner"), f"/v1/campaigns/regrades/{tried['id']}/lines"))["items"]
    assert {
        one["application_id"]: (one["score_before"], one["score"], one["result"], one["returns"]) for one in lines
    } == {
        out["id"]: (100, 200, "passed", True),
        **{one["id"]: (200, 100, "failed", False) for one in (accepted, listed, there)},
    }
    assert [await testing.seen(one) for one in (out, idle, accepted, listed, there)] == before

    scene.harness.clock.advance(timedelta(days=1))
    await applies(testing, tried)
    await scene.harness.run_timers()
    graded = await read(testing, tried)
    assert (graded["status"], graded["returned"], graded["decided_by"]["kind"]) == ("graded", 1, "person")
    back = await testing.seen(out)
    assert (back["state"], back["outcome"], back["knocked_out"], back["failed_requirements"]) == (
        "testing", None, False, [],
    )  # fmt: skip
    assert (back["test"]["result"], back["test"]["score"]) == ("passed", 200)
    board = await scene.see(scene.again("owner"), f"{path}/board")
    assert (board["oldest_waiting"]["application_id"], board["oldest_waiting"]["since"]) == (out["id"], waited)
    assert (await testing.seen(idle))["outcome"] == "rejected"
    assert [((await testing.seen(one))["outcome"], (await testing.seen(one))["test"]["score"]) for one in (accepted, listed)] == [
        ("accepted", 100), ("waitlisted", 100),
    ]  # fmt: skip
    # Who is in the test still is judged by it as it is now.
    assert (await testing.seen(there))["failed_requirements"] == ["step.test"]
    told = [one for one in await scene.told("application.advanced") if one["application_id"] == out["id"]]
    assert (told[-1]["from"], told[-1]["to"]) == ("decided", "testing")
    inbox = (await scene.see(scene.again("小红"), "/v1/notifications"))["items"]
    assert next(one["template"] for one in inbox) == "application.came_back"
    assert (await testing.seen(out, by="小红"))["state"] == "testing"
    # They wait before who was put on the list days ago.
    await scene.decide(out, "waitlisted")
    await scene.send(scene.again("小明"), f"/v1/applications/{accepted['id']}/decline")
    assert [(await testing.seen(one))["outcome"] for one in (out, listed)] == ["accepted", "waitlisted"]
    assert (await applies(testing, tried, status=409))["state"] == "graded"
    trail = [one["action"] for one in await scene.audit(testing.community["id"])]
    assert [trail.count(f"test_regrade.{one}") for one in ("create", "apply")] == [1, 1]


async def test_a_version_that_does_not_grade_what_was_answered_is_refused_and_says_why(testing):
    await testing.opened(*ASKED)
    application = await takes(testing, "小明", *ASKED)
    assert (await asks(testing, version=1, status=422))["errors"][0]["code"] == "not_later"
    made = []
    for version, keys, changed in (
        (2, ("q-single",), {}),
        (3, ASKED, {"q_true": QUESTIONS["q-single"]}),
        (4, ASKED, {"q_single": replace(QUESTIONS["q-single"], choices=QUESTIONS["q-single"].choices[:2])}),
    ):
        await published(testing, *keys, version=version, **changed)
        made.append(await tries(testing, version=version))
    same = replace(testing.paper, version=5)
    testing.events.has(same, testing.community["id"])
    made += [await tries(testing, version=5), await tries(testing, version=6)]
    assert {one["status"] for one in made} == {"refused"}
    assert [[(one["question_id"], one["code"]) for one in each["refusals"]] for each in made] == [
        [("q-true", "not_in_paper")],
        [("q-true", "another_kind")],
        [("q-single", "parts_gone")],
        [(None, "nothing_corrected")],
        [(None, "paper_not_found")],
    ]
    assert (await applies(testing, made[0], status=409))["state"] == "refused"
    await published(testing, *ASKED, version=7, q_true=CORRECTED)
    first = await asks(testing, version=7)
    assert (first["status"], (await asks(testing, version=7, status=409))["code"]) == ("fetching", "regrade_under_way")
    owner = testing.scene.again("owner")
    dropped = await testing.scene.send(owner, f"/v1/campaigns/regrades/{first['id']}/drop")
    assert dropped["status"] == "dropped"
    await works(testing)
    assert (await read(testing, first))["status"] == "dropped"
    tried = await tries(testing, version=7)
    await testing.scene.send(owner, f"/v1/campaigns/{testing.campaign['id']}/close")
    await testing.scene.send(owner, f"/v1/campaigns/{testing.campaign['id']}/archive")
    assert (await applies(testing, tried, status=409))["code"] == "campaign_closed"
    assert (await asks(testing, version=7, status=409))["code"] == "campaign_closed"
    assert (await read(testing, tried))["viewer"]["cannot"] == {"apply": "campaign_closed"}
    assert (await testing.seen(application))["test"]["score"] == 200


async def test_only_who_runs_the_campaign_corrects_it_and_not_in_their_own_case(wrong):
    testing, scene = wrong, wrong.scene
    await takes(testing, "小红", "q-single", wrong=("q-true",))
    regrade = await tries(testing)
    await scene.role("讲师", testing.community, "lecturer")
    for name in ("小红", "讲师"):
        for method, path in (
            ("post", f"/v1/campaigns/{testing.campaign['id']}/regrades"),
            ("get", f"/v1/campaigns/{testing.campaign['id']}/regrades"),
            ("get", f"/v1/campaigns/regrades/{regrade['id']}"),
            ("get", f"/v1/campaigns/regrades/{regrade['id']}/lines"),
            ("post", f"/v1/campaigns/regrades/{regrade['id']}/apply"),
            ("post", f"/v1/campaigns/regrades/{regrade['id']}/drop"),
        ):
            body = (
                {"paper_version": 2, "reason": "答案有误"} if path.endswith("regrades") and method == "post" else None
            )
            answer = await scene.again(name).request(method, path, json=body)
            assert answer.status_code in (403, 404), answer.text
    lists = (
        (f"/v1/campaigns/regrades/{regrade['id']}/lines", {}),
        ("/v1/test-attempts", {"campaign_id": testing.campaign["id"]}),
        ("/v1/test-attempts", {"community_id": testing.community["id"]}),
    )
    owner = scene.again("owner")
    assert [len((await scene.see(owner, path, **query))["items"]) for path, query in lists] == [1, 1, 1]
    async with scene.harness.runtime.database.transaction() as session:
        # An owner who once applied has none of the campaign's marks in their hands, and does not read their own before they are told.
        applied = (await session.execute(select(Application))).scalars().one()
        applied.person_id = scene.people["owner"]
        attempt = (await session.execute(select(models.Attempt))).scalars().one()
        attempt.person_id = scene.people["owner"]
    assert [(await scene.see(owner, path, **query))["items"] for path, query in lists] == [[], [], []]
    assert (await applies(testing, regrade, status=403))["code"] == "conflict_of_interest"


async def test_who_hands_in_after_the_decision_is_graded_by_it_on_the_sheet_that_they_have(wrong):
    testing, scene = wrong, wrong.scene
    running = await testing.applicant("小明")
    attempt = await testing.begin("小明", running)
    await takes(testing, "小红", "q-single", wrong=("q-true",))
    regrade = await tries(testing)
    await applies(testing, regrade)
    # No worker has run since.
    await testing.put("小明", attempt, [given(attempt, "q-single"), given(attempt, "q-true", wrong=True)])
    later = await testing.applicant("小华")
    sheet = await testing.begin("小华", later)
    assert [one["text"] for one in sheet["sections"][0]["questions"]] != []
    await testing.hand_in("小明", attempt)
    assert (await testing.seen(running))["test"]["score"] == 200
    await scene.harness.run_timers()
    assert (await testing.seen(running))["test"]["score"] == 200
    listed = await scene.see(scene.again("owner"), "/v1/test-attempts", campaign_id=testing.campaign["id"])
    assert {one["graded_version"] for one in listed["items"]} == {2}
    campaign = await scene.see(scene.again("owner"), f"/v1/campaigns/{testing.campaign['id']}")
    assert (campaign["test"]["paper_version"], campaign["test"]["graded_version"]) == (1, 2)
    # What was right at first is right again by the next version.
    await published(testing, *ASKED, version=3)
    await corrects(testing, version=3)
    assert (await testing.seen(running))["test"]["score"] == 100


async def test_what_people_gave_for_a_text_stays(testing):
    await testing.opened("q-true", "q-text", pass_percent=80)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.put("小明", attempt, [given(attempt, "q-true", wrong=True), given(attempt, "q-text")])
    await testing.hand_in("小明", attempt)
    path = f"/v1/test-attempts/{attempt['id']}/marks/q-text"
    assert (await testing.scene.again("owner").put(path, json={"marks": 60})).status_code == 200
    assert (await testing.seen(application))["test"]["result"] == "failed"
    await published(testing, "q-true", "q-text", q_true=CORRECTED)
    await corrects(testing)
    seen = await testing.seen(application)
    # Who was not knocked out has nowhere to come back from.
    assert (seen["state"], seen["test"]["score"], seen["test"]["result"]) == ("testing", 160, "passed")


async def test_who_has_another_way_or_none_stays_where_they_are(wrong):
    testing, scene = wrong, wrong.scene
    again, gone, past, looked_at = [
        await takes(testing, name, "q-single", wrong=("q-true",)) for name in ("小红", "小李", "小王", "小华")
    ]
    owner = scene.again("owner")
    await scene.send(scene.again("小华"), f"/v1/applications/{looked_at['id']}/request-review")
    await scene.decide(looked_at, "rejected")
    async with scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, scene.harness.clock())
        forgotten = (
            (await session.execute(select(Application).where(col(Application.id) == UUID(past["id"])))).scalars().one()
        )
        forgotten.release_at -= timedelta(days=200)
        forgotten.step_since -= timedelta(days=200)
    await testing.pass_time(hours=2)
    await scene.change(owner, f"/v1/campaigns/{testing.campaign['id']}", {"closes_at": told_as(scene, days=300)})
    await testing.pass_time(days=31)
    await scene.apply("小红", testing.campaign)
    await scene.send(scene.admin, f"/v1/people/{scene.people['小李']}/leave", {})
    regrade = await corrects(testing)
    assert (regrade["looked_at"], regrade["returns"], regrade["returned"]) == (3, 0, 0)
    lines = (await scene.see(owner, f"/v1/campaigns/regrades/{regrade['id']}/lines"))["items"]
    assert {one["application_id"]: one["stays"] for one in lines} == {
        again["id"]: "applied_again", gone["id"]: "person_left", looked_at["id"]: None,
    }  # fmt: skip
    for one in (again, gone, looked_at):
        seen = await testing.seen(one)
        assert (seen["state"], seen["outcome"], seen["test"]["result"]) == ("decided", "rejected", "passed")
    assert (await testing.seen(past))["test"]["score"] == 100
    # What was noted of them goes with the rest.
    await testing.pass_time(days=190)
    async with scene.harness.runtime.database.reading() as session:
        left = (await session.execute(select(models.TestRegradeLine))).scalars().all()
    assert left == []


def told_as(scene: Any, **later: float) -> str:
    return str((scene.harness.clock() + timedelta(**later)).isoformat())


async def test_handing_in_grading_deciding_and_correcting_at_the_same_moment_lose_nothing(wrong):
    testing, scene = wrong, wrong.scene
    names = [f"申请人{number}" for number in range(6)]
    applications = [await testing.applicant(name) for name in names]
    attempts = [await testing.begin(name, one) for name, one in zip(names, applications, strict=True)]
    for name, attempt in zip(names, attempts, strict=True):
        await testing.put(name, attempt, [given(attempt, "q-single"), given(attempt, "q-true", wrong=True)])
    for name, attempt in zip(names[:3], attempts[:3], strict=True):
        await testing.hand_in(name, attempt)
    regrade = await tries(testing)
    assert regrade["returns"] == 3
    handing = [
        scene.again(name).post(
            f"/v1/test-attempts/{attempt['id']}/hand-in", json={"client_id": testing.client_of(name)}
        )
        for name, attempt in zip(names[3:], attempts[3:], strict=True)
    ]
    apply = [scene.again("owner").post(f"/v1/campaigns/regrades/{regrade['id']}/apply") for _ in range(3)]
    answers = await at_once(*apply, *handing)
    assert sorted(one.status_code for one in answers[:3]) == [200, 409, 409]
    assert {one.status_code for one in answers[3:]} == {200}
    await at_once(scene.harness.run_timers(), scene.harness.run_timers())
    await scene.harness.run_timers()
    for one in applications:
        seen = await testing.seen(one)
        assert (seen["state"], seen["test"]["score"], seen["test"]["result"]) == ("testing", 200, "passed")
    assert (await read(testing, regrade))["returned"] == 3
