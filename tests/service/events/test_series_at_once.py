"""Several people work on one series at the same moment: each is answered, and nobody waits for another for ever."""

import asyncio

from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_series import announced, dates, one


async def test_who_moves_cancels_joins_and_leaves_at_the_same_moment_is_answered(hall):
    # From next week on: a seat of the first date, moved to tomorrow morning, would go only to who comes at short notice.
    series = await announced(hall, count=12, capacity=3, starts_on="2024-05-13")
    activities = await dates(hall, series)
    crowd = await hall.stage.members(6)
    await asyncio.gather(*(each.client.post(one(series, "join"), json={}) for each in crowd[:3]))
    owner = hall["群主"].client
    at_any = {"If-Match": "*"}
    answers = await asyncio.gather(
        owner.post(one(series, "move"), json={"at": "08:00"}, headers=at_any),
        owner.post(one(series, "move"), json={"from": "2024-06-01", "at": "20:00"}, headers=at_any),
        owner.patch(one(series), json={"title": "周二写作", "capacity": 4}, headers=at_any),
        owner.post(one(series, "cancel"), json={"from": "2024-07-01", "reason": "放假"}, headers=at_any),
        owner.post(f"{ACTIVITIES}/{activities[-1]['id']}/cancel", json={"reason": "停电"}, headers=at_any),
        owner.patch(f"{ACTIVITIES}/{activities[0]['id']}", json={"title": "开场"}, headers=at_any),
        *(each.client.post(one(series, "leave")) for each in crowd[:2]),
        *(each.client.post(one(series, "join"), json={}) for each in crowd[2:]),
        *(each.client.post(REGISTRATIONS, json={"activity_id": activities[5]["id"]}) for each in crowd),
    )
    assert {each.status_code for each in answers} <= {200, 201, 409}
    for activity in await dates(hall, series):
        seats = activity["seats"]
        listed = (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"], limit=100))["items"]
        confirmed, waiting = (
            [each for each in listed if each["status"] == word] for word in ("confirmed", "waitlisted")
        )
        assert (len(confirmed), len(waiting)) == (seats["confirmed"], seats["waiting"])
        assert sorted(each["place"] for each in waiting) == list(range(1, len(waiting) + 1))
        assert len(confirmed) <= 4
        if activity["status"] == "announced":
            assert not waiting or len(confirmed) >= 3
        else:
            assert (confirmed, waiting) == ([], [])


async def test_the_same_change_of_a_version_is_made_once(hall):
    series = await announced(hall)
    for verb, body in (("move", {"at": "08:00"}), ("extend", {"count": 2}), ("announce", {})):
        version = int((await hall["群主"].client.get(one(series))).headers["ETag"].strip('"'))
        answers = await asyncio.gather(
            *(
                hall["群主"].client.post(one(series, verb), json=body, headers={"If-Match": f'"{version}"'})
                for _ in range(4)
            )
        )
        assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]
