"""The monthly pulse of teams that run communities."""

import pytest

from tests.service.events.asking import SURVEYS, answers, closes, results

SIX = ("goals", "trust", "collaboration", "innovation", "atmosphere", "learning")
SCORES = [{"question": code, "score": 4} for code in SIX]


async def a_team(hall, *, of):
    """So many, the owner one of them, on Friday 24 May in the evening."""
    await hall.stage.change(kind="operations_team")
    for one in list(hall.members):
        if one != "群主":
            await hall.stage.leave(hall.members.pop(one))
    for name in [f"队员{number}" for number in range(1, of)]:
        await hall.joins(name)
    hall.later(days=18, hours=8)
    await turn(hall)
    return list(hall.members)


async def turn(hall):
    """Have the clock come round."""
    runtime = hall.stage.harness.runtime
    async with runtime.database.transaction() as session:
        await runtime.service.timers.set_periodic(session, hall.now)
    hall.later(hours=1)
    await hall.stage.harness.run_timers()


async def listed(hall, **query):
    return (await hall.see("群主", SURVEYS, community_id=str(hall.stage.community_id), **query))["items"]


async def test_a_team_of_seven_is_asked_six_things_once_a_month_without_names(hall):
    team = await a_team(hall, of=7)
    assert await listed(hall) == []
    hall.later(days=2)
    await turn(hall)
    assert await listed(hall) == [], "25 and 26 May are a weekend"
    hall.later(hours=14)
    await turn(hall)
    await turn(hall)
    [pulse] = await listed(hall)
    assert (pulse["origin"], pulse["anonymity"], pulse["about"]["month"]) == ("pulse", "anonymous", "2024-05")
    form = await hall.see(team[1], f"{SURVEYS}/{pulse['id']}")
    assert [(one["code"], one["kind"]) for one in form["questions"]] == [(code, "score") for code in SIX]
    for name in team:
        await answers(hall, name, pulse, SCORES)
    await closes(hall, pulse)
    found = await results(hall, "群主", pulse)
    assert [(one["code"], one["n"], one["mean"]) for one in found["questions"]] == [(code, 7, 4.0) for code in SIX]
    await results(hall, team[1], pulse, answered=403)
    [told] = await hall.stage.harness.published("survey.closed")
    assert [one["code"] for one in told.data["means"]] == list(SIX)
    assert await hall.stage.harness.published("satisfaction") == []
    hall.later(days=30)
    await turn(hall)
    assert [one["about"]["month"] for one in await listed(hall)] == ["2024-06", "2024-05"]


async def test_a_team_of_ten_may_say_more_and_reads_it_from_ten_answers_on(hall):
    team = await a_team(hall, of=10)
    for month, many in (("2024-05", 9), ("2024-06", 10)):
        hall.later(days=4 if month == "2024-05" else 28)
        await turn(hall)
        [pulse] = [one for one in await listed(hall) if one["about"]["month"] == month]
        for name in team[:many]:
            await answers(hall, name, pulse, [*SCORES, {"question": "remarks", "text": "少开会"}])
        await closes(hall, pulse)
        texts = (await hall.see("群主", f"{SURVEYS}/{pulse['id']}/texts"))["items"]
        assert len(texts) == (10 if many == 10 else 0)


async def test_a_team_of_four_looks_back_by_name_instead(hall):
    await a_team(hall, of=4)
    hall.later(days=4)
    await turn(hall)
    await turn(hall)
    assert await listed(hall) == []
    found = await hall.see("群主", "/v1/retrospectives", community_id=str(hall.stage.community_id))
    assert [one["month"] for one in found["items"]] == ["2024-05"]
    assert [one["code"] for one in await hall.see("群主", "/internal/tasks")] == ["write_retrospective"]
    hall.later(days=30)
    await turn(hall)
    found = await hall.see("群主", "/v1/retrospectives", community_id=str(hall.stage.community_id))
    assert sorted(one["month"] for one in found["items"]) == ["2024-05", "2024-06"]


@pytest.mark.parametrize("why", ["training", "alone", "unwanted"])
async def test_no_other_community_is_asked_nor_who_is_alone_nor_who_does_not_want_it(hall, why):
    await a_team(hall, of=1 if why == "alone" else 7)
    if why == "training":
        await hall.stage.change(kind="training")
    if why == "unwanted":
        path = f"{SURVEYS}/policy?community_id={hall.stage.community_id}"
        await hall.change("群主", path, {"pulse": False}, version=1)
    hall.later(days=4)
    await turn(hall)
    assert await listed(hall) == []
