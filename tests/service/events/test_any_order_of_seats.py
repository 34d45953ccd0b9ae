"""Any order of registering, cancelling, offering, accepting, waiting and changing the capacity."""

from datetime import timedelta
from random import Random

import pytest

from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path

NAMES = "甲乙丙丁"


@pytest.mark.parametrize("offers", ["at_once", "timed"])
@pytest.mark.parametrize("seed", range(3))
async def test_no_seat_is_given_twice_and_nobody_is_passed_by(hall, offers, seed):
    random = Random(seed)
    activity = await hall.announces(
        capacity=2, seat_offers=offers, starts_at=hall.after(days=30), ends_at=hall.after(days=30, hours=1)
    )
    version, capacity, taken, mine = 2, 2, 0, {}
    for _ in range(60):
        name = random.choice(NAMES)
        match random.choice(["register", "register", "cancel", "accept", "resize", "later", "reaches"]):
            case "register":
                answer = await hall[name].client.post(REGISTRATIONS, json={"activity_id": activity["id"]})
                mine[name] = answer.json()["id"]
            case "cancel" if name in mine:
                await hall[name].client.post(f"{REGISTRATIONS}/{mine[name]}/cancel")
            case "accept" if name in mine:
                await hall[name].client.post(f"{REGISTRATIONS}/{mine[name]}/accept")
            case "reaches" if name in mine:
                await hall.reaches(name, {"id": mine[name]}, result=random.choice(["taken", "unreachable"]))
            case "resize":
                # Cut below the booked, nobody loses a seat: from then on no more are given.
                before, capacity = capacity, random.randint(1, 2)
                if capacity != before:
                    await hall.change("群主", path(activity), {"capacity": capacity}, version=version)
                    version += 1
            case "later":
                hall.stage.harness.clock.advance(timedelta(hours=random.randint(1, 8)))
                await hall.stage.harness.run_timers()
        taken = await _holds(hall, activity, capacity, taken)


async def _holds(hall, activity, capacity, before):
    line = await hall.see("群主", path(activity, "waitlist"))
    listed = (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"]))["items"]
    by_status = {
        status: [one for one in listed if one["status"] == status] for status in ("confirmed", "offered", "waitlisted")
    }
    assert [len(found) for found in by_status.values()] == [line["confirmed"], line["offered"], line["waiting"]]
    assert sorted(one["place"] for one in by_status["waitlisted"]) == list(range(1, line["waiting"] + 1))
    if line["waiting"] and line["confirmed"] + line["offered"] < capacity:
        assert line["held_by"] is not None
    taken = line["confirmed"] + line["offered"]
    assert taken <= max(capacity, before)
    return taken
