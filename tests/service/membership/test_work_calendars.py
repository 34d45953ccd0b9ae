"""The work calendar: imported as a file, a version with each change, told to the services, missed in time."""

from datetime import UTC, datetime

import pytest

from chassis.messaging import outbox
from chassis.messaging.republish import republish
from chassis.web.ops import status_of
from chassis.work_calendar import CHINA, WorkCalendar
from services.membership.work_calendars import queries
from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD

NEW_YEAR = "2027-01-01,off,元旦"
UNTIL_2026 = WorkCalendar("CN", {year: told for year, told in CHINA.years.items() if year <= 2026})
IN_NOVEMBER = datetime(2026, 11, 26, 4, tzinfo=UTC)


@pytest.fixture
async def membership(membership, monkeypatch):
    # Whatever later releases know, and whenever this runs.
    monkeypatch.setattr(queries, "CHINA", UNTIL_2026)
    monkeypatch.setattr(outbox, "system_clock", membership.harness.clock)
    await at(membership, IN_NOVEMBER)
    return membership


async def at(membership, moment):
    membership.harness.clock.now = moment
    session = (await membership.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)).json()
    membership.admin.headers["Authorization"] = f"Bearer {session['access_token']}"


async def imported(membership, *rows, header="date,kind,name", dry_run=False):
    response = await membership.admin.post(
        "/v1/work-calendars/imports",
        params={"dry_run": dry_run},
        content="\n".join([header, *rows]).encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert response.status_code == 202, response.text
    await membership.harness.run_jobs()
    job = (await membership.admin.get(response.headers["Location"])).json()
    errors = (await membership.admin.get(response.headers["Location"] + "/errors")).json()["items"]
    return job["result"], [(error["row"], error["code"]) for error in errors]


async def year(membership, number):
    items = (await membership.admin.get("/v1/work-calendars", params={"year": number})).json()["items"]
    return items[0] if items else None


async def alarms(membership):
    return (await status_of(membership.harness.runtime)).alarms


async def test_a_year_is_known_once_its_file_is_imported(membership):
    assert await year(membership, 2027) is None
    result, errors = await imported(membership, NEW_YEAR, "2027-01-30,workday,春节调休")
    assert (result, errors) == ({"created": 2, "changed": 0, "unchanged": 0}, [])
    found = await year(membership, 2027)
    assert (found["version"], found["known_until"]) == (1, "2027-12-31")
    assert found["days"] == [
        {"date": "2027-01-01", "kind": "off", "name": "元旦"},
        {"date": "2027-01-30", "kind": "workday", "name": "春节调休"},
    ]
    (message,) = await membership.harness.published("work_calendar.updated")
    assert (message.subject, message.partition_key, message.version) == ("CN-2027", "CN", 1)
    assert [day["date"] for day in message.data["days"]] == ["2027-01-01", "2027-01-30"]


async def test_the_same_file_again_changes_nothing_and_another_row_is_another_version(membership):
    await imported(membership, NEW_YEAR)
    assert (await imported(membership, NEW_YEAR))[0] == {"created": 0, "changed": 0, "unchanged": 1}
    await imported(membership, "2027-05-03,off,劳动节")
    found = await year(membership, 2027)
    assert (found["version"], len(found["days"])) == (2, 2)
    assert len(await membership.harness.published("work_calendar.updated")) == 2


async def test_a_dry_run_makes_nothing_known(membership):
    assert (await imported(membership, NEW_YEAR, dry_run=True))[0]["created"] == 1
    assert await year(membership, 2027) is None


async def test_a_year_begins_with_a_file_that_says_what_its_first_day_is(membership):
    assert (await imported(membership, "2027-03-08,off,公司日"))[1] == [(2, "year_begins_later")]
    assert await year(membership, 2027) is None


async def test_a_day_that_was_decided_stays_as_it_is(membership):
    _, errors = await imported(membership, "2026-10-10,off,", "2026-11-25,off,", "2026-11-26,off,台风")
    assert errors == [(2, "day_decided"), (3, "day_decided")]
    days = {day["date"]: day["kind"] for day in (await year(membership, 2026))["days"]}
    assert (days["2026-10-10"], days["2026-11-26"]) == ("workday", "off")
    assert "2026-11-25" not in days


async def test_a_day_of_an_unknown_year_may_be_told_after_it_is_over(membership):
    await at(membership, datetime(2027, 2, 1, tzinfo=UTC))
    assert (await imported(membership, NEW_YEAR))[1] == []


async def test_a_missing_column_changes_no_name(membership):
    await imported(membership, NEW_YEAR)
    await imported(membership, "2027-01-01,workday", header="date,kind")
    assert (await year(membership, 2027))["days"] == [{"date": "2027-01-01", "kind": "workday", "name": "元旦"}]


async def test_the_release_knows_the_years_before(membership):
    found = await year(membership, 2026)
    assert (found["version"], {"date": "2026-10-10", "kind": "workday", "name": None} in found["days"]) == (0, True)


async def test_from_december_on_an_unknown_year_is_an_alarm(membership):
    assert await alarms(membership) == []
    await at(membership, datetime(2026, 12, 1, tzinfo=UTC))
    assert await alarms(membership) == ["work_calendar_missing"]
    await imported(membership, NEW_YEAR)
    assert await alarms(membership) == []


async def test_it_is_told_again_to_who_lost_it(membership):
    await imported(membership, NEW_YEAR)
    runtime = membership.harness.runtime
    async for _ in republish(runtime.database, runtime.service.republish["work_calendar"]):
        pass
    (message,) = await membership.harness.published("work_calendar.snapshot")
    assert (message.subject, message.version) == ("CN-2027", 1)


async def test_it_waits_on_the_desk_of_every_community_and_leads_to_what_is_known(scene, monkeypatch):
    monkeypatch.setattr(queries, "CHINA", UNTIL_2026)
    community = await scene.community()
    found = {}
    for moment in (IN_NOVEMBER, datetime(2026, 12, 1, tzinfo=UTC)):
        scene.harness.clock.now = moment
        desk = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
        found[moment.month] = next(one for one in desk if one["code"] == "work_calendar_missing")
    assert [one["count"] for one in found.values()] == [0, 1]
    assert (await scene.see(scene.again("owner"), found[12]["href"]))["items"] == []
