"""The step `test` of a campaign: an applicant takes it by the server's clock, and reads nothing of what it came to before a release."""

from datetime import timedelta

from chassis.ids import new_id
from tests.service.membership.testing import BY_MACHINE, SECRET, at_once, given


async def test_an_applicant_takes_a_test_and_the_best_attempt_counts(testing):
    await testing.opened(*BY_MACHINE, attempts=2, pass_percent=60)
    application = await testing.applicant("小明")
    first = await testing.begin("小明", application, status=201)
    assert [len(one["questions"]) for one in first["sections"]] == [6]
    assert first["ends_at"] == (await testing.save("小明", first, "q-single"))["ends_at"]
    assert (await testing.hand_in("小明", first))["state"] == "handed_in"
    seen = await testing.seen(application)
    assert (seen["state"], seen["test"]["result"], seen["test"]["score"], seen["test"]["full"]) == (
        "testing", None, 100, 600,
    )  # fmt: skip
    second = await testing.begin("小明", application, status=201)
    assert second["number"] == 2
    await testing.save("小明", second, *BY_MACHINE)
    await testing.hand_in("小明", second)
    seen = await testing.seen(application)
    assert (seen["test"]["result"], seen["test"]["score"], seen["test"]["attempts_begun"]) == ("passed", 600, 2)
    assert (await testing.begin("小明", application, status=409))["code"] == "attempts_used"
    board = await testing.scene.see(testing.scene.again("owner"), f"/v1/campaigns/{testing.campaign['id']}/board")
    assert board["by_test"] == {"passed": 1, "failed": 0, "open": 0}
    await testing.scene.decide(application, "accepted")
    assert (await testing.seen(application, by="小明"))["test"]["score"] == 600


async def test_what_was_saved_is_there_again_after_a_lost_connection_and_the_last_client_holds_the_attempt(testing):
    await testing.opened(*BY_MACHINE)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, "q-single", "q-match", sequence=3)
    await testing.put("小明", attempt, [given(attempt, "q-single", sequence=2, wrong=True)])
    read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
    answers = {one["id"]: one["answer"] for section in read["sections"] for one in section["questions"]}
    for key in ("q-single", "q-match"):
        mine = given(attempt, key)
        assert answers[key]["sequence"] == 3
        assert [answers[key][part] for part in ("choices", "pairs")] == [
            mine.get(part, []) for part in ("choices", "pairs")
        ]
    assert answers["q-true"] is None
    phone = str(new_id())
    again = await testing.begin("小明", application, status=200, client_id=phone)
    assert (again["id"], again["client_id"]) == (attempt["id"], phone)
    assert (await testing.save("小明", attempt, "q-true", status=409))["code"] == "taken_over"
    assert (await testing.hand_in("小明", attempt, status=409))["code"] == "taken_over"
    await testing.save("小明", attempt, "q-true", client_id=phone)


async def test_the_server_hands_in_at_the_end_and_takes_nothing_after_it(testing):
    await testing.opened(*BY_MACHINE, minutes=30)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, *BY_MACHINE)
    testing.scene.harness.clock.advance(timedelta(minutes=30))
    # No worker has run.
    assert (await testing.save("小明", attempt, "q-true", sequence=9, status=409))["code"] == "attempt_over"
    read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
    assert (read["state"], read["handed_in_at"]) == ("handed_in", attempt["ends_at"])
    await testing.pass_time(hours=14)
    seen = await testing.scene.see(
        testing.scene.again("owner"), "/v1/test-attempts", campaign_id=testing.campaign["id"]
    )
    [one] = seen["items"]
    assert (one["handed_in_at"], one["handed_in_by"], one["passed"]) == (attempt["ends_at"], "clock", True)
    assert (await testing.hand_in("小明", attempt))["state"] == "handed_in"


async def test_of_four_clients_that_begin_at_once_one_attempt_comes(testing):
    await testing.opened(*BY_MACHINE, attempts=3)
    application = await testing.applicant("小明")
    client = testing.scene.again("小明")
    bodies = [{"application_id": application["id"], "client_id": str(new_id())} for _ in range(4)]
    answers = await at_once(*(client.post("/v1/test-attempts", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await testing.seen(application))["test"]["attempts_begun"] == 1


async def test_nobody_reads_a_solution_or_a_result_before_its_time(testing):
    await testing.opened(attempts=2)
    application = await testing.applicant("小明")
    client, path = testing.scene.again("小明"), "/v1/test-attempts"
    attempt = await testing.begin("小明", application)
    texts = [str(attempt)]
    for key in attempt["sections"][0]["questions"]:
        texts.append(str(await testing.save("小明", attempt, key["id"])))
    texts += [str(await testing.hand_in("小明", attempt)), str(await testing.begin("小明", application))]
    for where in (f"{path}/{attempt['id']}", f"/v1/applications/{application['id']}", "/v1/applications?mine=true"):
        texts.append(str(await testing.scene.see(client, where)))
    for text in texts:
        assert SECRET not in text
        assert "'right'" not in text
        assert "weight" not in text
        assert "'score': 6" not in text
        assert "passed" not in text
    assert (await testing.seen(application))["test"]["score"] == 600
    await testing.scene.client("别人")
    for name in ("别人", "owner"):
        status = 404 if name == "别人" else 403
        await testing.scene.see(testing.scene.again(name), f"{path}/{attempt['id']}", status=status)
    other = testing.scene.again("别人")
    for method, below in (("put", "/answers"), ("post", "/hand-in"), ("get", "/answers"), ("post", "/reopen")):
        body = {"client_id": str(new_id()), "answers": [given(attempt, "q-single")]} if method == "put" else None
        body = {"client_id": str(new_id())} if below == "/hand-in" else body
        answer = await other.request(method, f"{path}/{attempt['id']}{below}", json=body)
        assert answer.status_code == 404, answer.text
