"""How far groups are with a plan: the mean of who belongs to each and takes part."""

from tests.service.gamification.groups import dissolve, form, leave


async def groups_of(one, path, *, status=200, **query):
    found = await one.client.get(f"{path}/groups", params=query)
    assert found.status_code == status, found.text
    return found.json()["items"] if status == 200 else found.json()


async def test_a_group_is_as_far_as_its_participants_are_on_average(camp):
    first, second, third, idle = await camp.members(4)
    path = await camp.plan(first, second, third, complete_at=15)
    reading = await form(camp, "晨读", first, second, idle)
    evening = await form(camp, "夜读", third, first)
    await form(camp, "无人参加", idle)
    for day in (0, 1, 2):
        await camp.hand_in(first, path, day=day)
    await camp.hand_in(third, path)
    shared = {"days_total": 14, "days_needed": 3}
    assert await groups_of(second, path) == [
        {
            "group_id": str(reading),
            "name": "晨读",
            "participants": 2,
            "completed": 1,
            "mean_days_done": 1.5,
            "mine": True,
        }
        | shared,
        {
            "group_id": str(evening),
            "name": "夜读",
            "participants": 2,
            "completed": 1,
            "mean_days_done": 2.0,
            "mine": False,
        }
        | shared,
    ]
    assert [one["name"] for one in await groups_of(second, path, mine=True)] == ["晨读"]
    assert [one["mine"] for one in await groups_of(camp.runs, path)] == [False, False]
    await leave(camp, reading, first)
    await dissolve(camp, evening, "夜读")
    [left] = await groups_of(camp.runs, path)
    assert (left["name"], left["participants"], left["mean_days_done"]) == ("晨读", 1, 0.0)


async def test_who_takes_no_part_does_not_read_how_far_groups_are(camp):
    first, outside = await camp.members(2)
    path = await camp.plan(first)
    await form(camp, "晨读", first, outside)
    await groups_of(outside, path, status=404)
    assert len(await groups_of(first, path, limit=1)) == 1
    left = await first.client.post(f"{path}/leave")
    assert left.status_code == 200
    await groups_of(first, path, status=404)
    assert await groups_of(camp.runs, path) == []
