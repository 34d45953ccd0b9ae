"""Whatever is done to an attempt, in whatever order, and whether a worker runs: one attempt, with the time that the library says."""

import asyncio
import itertools
import random
from collections import defaultdict
from datetime import timedelta

import pytest

from assessment import attempts as library
from assessment.attempts import Course, Saved, Window
from assessment.questions import Answer
from chassis.ids import new_id

STEPS = ("save", "save", "stale", "hand_in", "wait", "wait", "worker", "extra", "reopen", "begin")


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_saving_handing_in_waiting_and_reopening_gives_one_attempt_with_its_time(testing, seed):
    chance, clock = random.Random(seed), testing.scene.harness.clock
    closing = clock() + timedelta(minutes=50)
    await testing.opened("q-single", "q-blank", minutes=30, closes_at=closing.isoformat())
    window = Window(None, closing, timedelta(minutes=30))
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application, status=201)
    course, minutes, sequence = Course(clock()), 0, 0
    kept: Saved | None = None
    for _ in range(24):
        over = library.handed_in(window, course, clock())
        match chance.choice(STEPS):
            case "save" | "stale" as kind:
                sequence += 1
                number = sequence if kind == "save" else max(0, sequence - 3)
                text = chance.choice(["asc", "desc"])
                answer = {"question_id": "q-blank", "sequence": number, "texts": [text]}
                await testing.put("小明", attempt, [answer], status=200 if over is None else 409)
                if over is None:
                    kept = library.saved(kept, Saved(Answer(texts=(text,)), number, clock()))
            case "hand_in":
                await testing.hand_in("小明", attempt)
                course = Course(course.started_at, course.moved, over or clock())
            case "wait":
                clock.advance(timedelta(minutes=chance.randint(1, 20), microseconds=chance.randint(0, 999)))
            case "worker":
                await testing.scene.harness.run_timers()
            case "extra":
                minutes += 5
                await testing.extra(application, minutes)
                course = library.given_extra(window, course, timedelta(minutes=5), clock())
            case "reopen":
                again = library.reopened(window, course, clock())
                possible = over is not None and library.ends_at(window, again) > clock()
                path = f"/v1/test-attempts/{attempt['id']}/reopen"
                await testing.scene.send(testing.scene.again("owner"), path, status=200 if possible else 409)
                course = again if possible else course
            case "begin":
                found = await testing.begin("小明", application, status=200 if over is None else 409)
                assert found.get("id", attempt["id"]) == attempt["id"]
        read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
        assert read["state"] == library.state(window, course, clock())
        if library.handed_in(window, course, clock()) is None:
            assert read["ends_at"] == shown(library.ends_at(window, course))
        else:
            assert read["handed_in_at"] == shown(library.handed_in(window, course, clock()))
        answers = {one["id"]: one["answer"] for one in read["sections"][0]["questions"]}
        mine = answers["q-blank"]
        assert (mine and (mine["sequence"], mine["texts"])) == (kept and (kept.sequence, list(kept.answer.texts)))
    listed = await testing.scene.see(
        testing.scene.again("owner"), "/v1/test-attempts", campaign_id=testing.campaign["id"]
    )
    assert [one["id"] for one in listed["items"]] == [attempt["id"]]


CLIENTS, EACH = 4, 12
REFUSED = {"taken_over", "attempt_over", "attempts_used"}


async def test_whatever_four_clients_do_at_once_one_attempt_runs_and_what_was_taken_is_there(testing):
    await testing.opened("q-blank", attempts=3, pass_percent=100)
    application = await testing.applicant("小明")
    counted, taken, met = itertools.count(1), defaultdict(list), set()

    async def device(number):
        chance, client_id, client = random.Random(number), str(new_id()), testing.scene.again("小明")
        own = None
        for step in ["begin", *chance.choices(("begin", "save", "save", "save", "hand_in"), k=EACH)]:
            path, held, sequence = f"/v1/test-attempts/{own}", {"client_id": client_id}, next(counted)
            if step == "begin":
                body = held | {"application_id": application["id"]}
                answer = await client.post("/v1/test-attempts", json=body)
            elif step == "save":
                text = "asc" if sequence % 2 else "desc"
                given = {"question_id": "q-blank", "sequence": sequence, "texts": [text]}
                answer = await client.put(f"{path}/answers", json={**held, "answers": [given]})
            else:
                answer = await client.post(f"{path}/hand-in", json=held)
            said = answer.json()
            if answer.is_success:
                own = said["id"]
                met.add(own)
                taken[own] += [sequence] if step == "save" else []
            else:
                assert (answer.status_code, said["code"] in REFUSED) == (409, True), answer.text
                own = own or next(iter(met), None)

    await asyncio.gather(*(device(number) for number in range(CLIENTS)))
    owner, where = testing.scene.again("owner"), {"campaign_id": testing.campaign["id"]}
    listed = (await testing.scene.see(owner, "/v1/test-attempts", **where))["items"]
    listed.sort(key=lambda one: one["number"])
    assert [one["number"] for one in listed] == list(range(1, len(listed) + 1))
    assert len(listed) <= 3
    assert {one["id"] for one in listed} == met
    assert (await testing.seen(application))["test"]["attempts_begun"] == len(listed)
    # Of several at once one runs, the last; and no client ends another's but by handing in.
    assert {(one["state"], one["handed_in_by"]) for one in listed[:-1]} <= {("handed_in", "applicant")}
    for one in listed:
        read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{one['id']}")
        kept = read["sections"][0]["questions"][0]["answer"]
        last = max(taken[one["id"]], default=None)
        assert (kept and kept["sequence"]) == last
        if one["state"] == "handed_in":
            assert one["score"] == (100 if last is not None and last % 2 else 0), "graded is what was taken"


def shown(moment):
    return moment.isoformat().replace("+00:00", "Z")
