"""Any order of changing one date of a series, the following ones, and of moving and cancelling them."""

from random import Random
from typing import Any

import pytest

from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_series import announced, dates, one

DAYS = ["2024-05-07", "2024-05-14", "2024-05-21", "2024-05-28", "2024-06-04"]
TIMES = ["08:00", "12:30", "19:00", "20:15"]


@pytest.mark.parametrize("seed", range(3))
async def test_each_date_has_what_was_said_of_it_last_and_what_was_said_of_it_alone_stays(hall, seed):
    random = Random(seed)
    series = await announced(hall, count=5)
    await hall.send("甲", one(series, "join"), {})
    expected: list[dict[str, Any]] = [
        {"title": "周二读书", "capacity": None, "status": "announced", "at": "19:00", "own": set()} for _ in range(5)
    ]
    for _ in range(25):
        which = random.randrange(5)
        activity = (await dates(hall, series))[which]
        path = f"{ACTIVITIES}/{activity['id']}"
        field, value = random.choice([("title", random.choice("读写听说")), ("capacity", random.randint(5, 9))])
        match random.choice(["one", "following", "following", "move one", "move following", "cancel"]):
            case "one" if expected[which]["status"] == "announced":
                await changes(hall, path, {field: value})
                if expected[which][field] != value:
                    expected[which]["own"].add(field)
                    expected[which][field] = value
            case "following":
                await changes(hall, one(series), {"from": DAYS[which], field: value})
                for date in expected[which:]:
                    if date["status"] == "announced" and field not in date["own"]:
                        date[field] = value
            case "move one" if expected[which]["status"] == "announced" and not expected[which]["own"]:
                at = f"{DAYS[which]}T0{which}:30:00"
                body = {"starts_at": f"{at}Z", "ends_at": f"{at.replace(':30', ':45')}Z"}
                await sends(hall, f"{path}/move", body)
                expected[which] |= {"at": f"{which + 8:02}:30", "own": {"starts_at", "ends_at"}}
            case "move following":
                at = random.choice(TIMES)
                wanted = [
                    date
                    for date in expected[which:]
                    if date["status"] == "announced" and "starts_at" not in date["own"]
                ]
                if any(date["at"] != at for date in wanted):
                    await sends(hall, one(series, "move"), {"from": DAYS[which], "at": at})
                    for date in wanted:
                        date["at"] = at
            case "cancel" if expected[which]["status"] == "announced" and random.random() < 0.2:
                await sends(hall, f"{path}/cancel", {"reason": "停电"})
                expected[which]["status"] = "cancelled"
        await holds(hall, series, expected)


async def changes(hall, path, body):
    await hall.change("群主", path, body, version=await version_of(hall, path))


async def sends(hall, path, body):
    await hall.send("群主", path, body, version=await version_of(hall, path.rpartition("/")[0]))


async def version_of(hall, path):
    answer = await hall["群主"].client.get(path)
    return int(answer.headers["ETag"].strip('"'))


async def holds(hall, series, expected):
    found = sorted(await dates(hall, series, "甲"), key=lambda each: each["series_on"])
    assert [each["series_on"] for each in found] == DAYS
    shown = [(each["title"], each["seats"]["capacity"], each["status"], begins(each["starts_at"])) for each in found]
    assert shown == [(each["title"], each["capacity"], each["status"], each["at"]) for each in expected]
    for each in found:
        registration = await hall.see("甲", f"{REGISTRATIONS}/{each['mine']['registration']['id']}")
        assert registration["status"] == ("confirmed" if each["status"] == "announced" else "cancelled")


def begins(moment):
    """The time of day in Shanghai."""
    return f"{(int(moment[11:13]) + 8) % 24:02}:{moment[14:16]}"
