"""Calendars: a secret link to what a member joined, read as calendar programs do, and single activities."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from chassis.secrets import hash_of
from chassis.testing import received
from contracts.membership import PersonLeft, SanctionChanged
from services.events.activities.models import Activity
from services.events.calendars.models import Calendar
from services.events.registrations.models import Registration
from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.stage import NOON
from tests.support.calendar_program import CalendarProgram, read_ical

CALENDARS = "/v1/calendars"
MINE = f"{CALENDARS}/me"
ONLINE = {"mode": "online", "join_url": "https://meet.example/1"}


async def link_of(hall, name, *, status=201):
    made = await hall.send(name, CALENDARS, status=status)
    return made["feed_url"]


async def fetch(hall, link, *, status=200, **headers):
    answer = await hall.stage.harness.anonymous().get(link, headers=headers)
    assert answer.status_code == status, answer.text
    return answer


class Subscribed:
    """A program that follows somebody's link."""

    def __init__(self, hall, link):
        self.hall, self.link, self.program = hall, link, CalendarProgram()

    async def shows(self):
        """What it shows after it has read the feed again."""
        self.program.take((await fetch(self.hall, self.link)).content)
        return {one.title: one.status for one in self.program.shown.values()}

    def entry(self, title):
        return next(one for one in self.program.shown.values() if one.title == title)


async def subscribe(hall, name):
    return Subscribed(hall, await link_of(hall, name))


async def test_a_subscribed_calendar_follows_what_a_member_does(hall):
    jia = await subscribe(hall, "甲")
    assert await jia.shows() == {}
    activity = await hall.announces(title="讲课", **ONLINE)
    assert await jia.shows() == {}
    registration = await hall.registers("甲", activity)
    assert await jia.shows() == {"讲课": "CONFIRMED"}
    first = jia.entry("讲课")
    assert first.entry["URL"] == ONLINE["join_url"]
    assert first.starts_at == datetime.fromisoformat(activity["starts_at"])

    hall.later(hours=1)
    body = {"starts_at": hall.after(days=4), "ends_at": hall.after(days=4, hours=1)}
    moved = await hall.send("群主", path(activity, "move"), body, version=2)
    assert await jia.shows() == {"讲课": "TENTATIVE"}
    second = jia.entry("讲课")
    assert second.starts_at == datetime.fromisoformat(moved["starts_at"])
    assert second.entry["LAST-MODIFIED"].dt == hall.now

    hall.later(hours=1)
    await hall.send("甲", f"{REGISTRATIONS}/{registration['id']}/confirm")
    assert await jia.shows() == {"讲课": "CONFIRMED"}
    third = jia.entry("讲课")
    assert third.entry["LAST-MODIFIED"].dt == hall.now
    await hall.change("群主", path(activity), {"title": "怎么讲课"}, version=3)
    assert await jia.shows() == {"怎么讲课": "CONFIRMED"}
    fourth = jia.entry("怎么讲课")
    assert first.sequence < second.sequence < third.sequence < fourth.sequence
    assert len(jia.program.had) == 1

    await hall.cancels("甲", registration)
    assert await jia.shows() == {}
    await hall.registers("甲", activity)
    assert await jia.shows() == {"怎么讲课": "CONFIRMED"}
    await hall.send("群主", path(activity, "cancel"), {"reason": "讲师生病"}, version=4)
    assert await jia.shows() == {}
    [entry] = read_ical((await fetch(hall, jia.link)).content).walk("VEVENT")
    assert entry["STATUS"] == "CANCELLED"


async def test_what_others_do_changes_nothing_in_it(hall):
    jia = await subscribe(hall, "甲")
    activity = await hall.announces(capacity=2)
    await hall.registers("甲", activity)
    await jia.shows()
    before = jia.program.had.copy()
    for name in "乙丙丁":
        await hall.registers(name, activity)
    await jia.shows()
    assert jia.program.had == before


async def test_who_waits_has_no_seat_in_their_calendar_until_one_falls_to_them(hall):
    activity = await hall.announces(title="讲课", capacity=1, **ONLINE)
    had = await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    yi = await subscribe(hall, "乙")
    assert await yi.shows() == {"讲课（候补）": "TENTATIVE"}
    waits = yi.entry("讲课（候补）").entry
    assert (waits["TRANSP"], waits["DESCRIPTION"]) == ("TRANSPARENT", "您正在候补。")
    assert "URL" not in waits
    await hall.cancels("甲", had)
    assert await yi.shows() == {"讲课": "CONFIRMED"}
    assert yi.entry("讲课").entry["URL"] == ONLINE["join_url"]


async def test_assigned_and_excused_are_told_like_any_other(hall):
    activity = await hall.announces(title="例会")
    jia = await subscribe(hall, "甲")
    body = {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    assert await jia.shows() == {"例会": "CONFIRMED"}
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/leave-request", {"reason": "出差"})
    assert await jia.shows() == {"例会": "CONFIRMED"}
    await hall.send("群主", f"{REGISTRATIONS}/{mine['id']}/decide-leave", {"excused": True})
    assert await jia.shows() == {}


async def test_nobody_else_is_named_in_it(hall):
    await hall.stage.rename(hall["群主"], "组织者甲")
    await hall.stage.rename(hall["乙"], "同学乙")
    activity = await hall.announces(contact="找组织者甲 13900000000", capacity=5)
    for name in "甲乙":
        await hall.registers(name, activity)
    content = (await fetch(hall, await link_of(hall, "甲"))).text
    assert [
        word for word in ("组织者甲", "同学乙", "139", str(hall["乙"].id), str(hall["群主"].id)) if word in content
    ] == []


async def test_the_link_is_kept_as_a_hash_and_shown_once(hall):
    link = await link_of(hall, "甲")
    secret = link.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) >= 43
    async with hall.stage.harness.runtime.database.transaction() as session:
        [row] = (await session.execute(select(Calendar))).scalars()
    assert row.link_hash == hash_of(secret)
    assert secret not in str(row.model_dump())
    assert await hall.see("甲", MINE) == {"created_at": "2024-05-06T04:00:00Z", "renewed_at": "2024-05-06T04:00:00Z"}
    # Not every program keeps the ending.
    await fetch(hall, link.removesuffix(".ics"))


async def test_a_renewed_link_is_another_and_a_revoked_one_leads_nowhere(hall):
    old = await link_of(hall, "甲")
    hall.later(days=1)
    new = await link_of(hall, "甲", status=200)
    await fetch(hall, old, status=404)
    await fetch(hall, new)
    shown = await hall.see("甲", MINE)
    assert (shown["created_at"], shown["renewed_at"]) == ("2024-05-06T04:00:00Z", "2024-05-07T04:00:00Z")
    other = await link_of(hall, "乙")
    for _ in range(2):
        assert (await hall["甲"].client.delete(MINE)).status_code == 204
    await fetch(hall, new, status=404)
    await hall.see("甲", MINE, answered=404)
    await fetch(hall, other)


@pytest.mark.parametrize("link", ["x", "x.ics", "a" * 43 + ".ics"])
async def test_what_is_no_link_leads_nowhere(hall, link):
    assert (await fetch(hall, f"{CALENDARS}/feeds/{link}", status=404)).json()["code"] == "not_found"


@pytest.mark.parametrize("link", ["a" * 65, "%E7%BE%A4", "a.ics.ics", "a%2Eics%2F"])
async def test_what_cannot_be_a_link_is_not_looked_for(hall, link):
    answer = await hall.stage.harness.anonymous().get(f"{CALENDARS}/feeds/{link}")
    assert answer.status_code in {404, 422}


async def test_the_feed_is_kept_for_a_quarter_of_an_hour_and_not_sent_twice(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    link = await link_of(hall, "甲")
    first = await fetch(hall, link)
    assert first.headers["cache-control"] == "private, max-age=900"
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    tag = first.headers["etag"]
    hall.later(hours=1)
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await fetch(hall, link, status=304, **{"If-None-Match": said})
        assert (again.content, again.headers["etag"]) == (b"", tag)
    assert (await fetch(hall, link)).content == first.content
    await hall.change("群主", path(activity), {"title": "别的"}, version=2)
    changed = await fetch(hall, link, **{"If-None-Match": tag})
    assert changed.headers["etag"] != tag


async def test_it_is_empty_once_the_person_ends_and_while_they_are_suspended(hall):
    await hall.registers("甲", await hall.announces(title="讲课"))
    jia = await subscribe(hall, "甲")
    assert await jia.shows() == {"讲课": "CONFIRMED"}
    facts = {"person_id": hall["甲"].person_id, "employee_no": "E00002", "display_name": "甲", "kind": "employee"}
    await hall.stage.harness.deliver(received(PersonLeft(**facts, status="left"), occurred_at=hall.now, version=9))
    assert await jia.shows() == {}
    assert b"VEVENT" not in (await fetch(hall, jia.link)).content


async def test_who_leaves_a_community_keeps_nothing_of_it_but_what_takes_it_away(hall):
    await hall.registers("甲", await hall.announces(title="讲课", **ONLINE))
    over = await hall.announces(title="早上的", starts_at=hall.after(hours=1), ends_at=hall.after(hours=2))
    await hall.registers("甲", over)
    jia = await subscribe(hall, "甲")
    hall.later(hours=5)
    assert set(await jia.shows()) == {"讲课", "早上的"}
    await hall.stage.leave(hall["甲"])
    assert await jia.shows() == {}
    await hall.stage.harness.run_timers()
    assert await jia.shows() == {}
    [entry] = read_ical((await fetch(hall, jia.link)).content).walk("VEVENT")
    assert (entry["STATUS"], entry["SUMMARY"]) == ("CANCELLED", "讲课")
    await hall.see("甲", MINE, answered=403)


async def test_who_is_suspended_sees_nothing_of_the_community_until_they_are_back(hall):
    over = await hall.announces(title="早上的", starts_at=hall.after(hours=1), ends_at=hall.after(hours=2))
    await hall.registers("甲", over)
    jia = await subscribe(hall, "甲")
    hall.later(hours=5)
    sanction = SanctionChanged(
        community_id=hall.stage.community_id,
        member_id=hall["甲"].id,
        status="suspended",
        until=hall.now + timedelta(days=2),
    )
    await hall.stage.harness.deliver(received(sanction, occurred_at=hall.now))
    assert await jia.shows() == {}
    hall.later(days=3)
    assert await jia.shows() == {"早上的": "CONFIRMED"}


async def test_a_feed_forgets_what_is_long_over_and_what_was_given_up_a_month_after_its_end(hall):
    kept = await hall.announces(title="参加过的")
    given_up = await hall.announces(title="不去了")
    await hall.registers("甲", kept)
    await hall.cancels("甲", await hall.registers("甲", given_up))
    link = await link_of(hall, "甲")

    async def told():
        return sorted(str(one["SUMMARY"]) for one in read_ical((await fetch(hall, link)).content).walk("VEVENT"))

    assert await told() == ["不去了", "参加过的"]
    hall.later(days=3 + 30, hours=1)
    assert await told() == ["不去了", "参加过的"]
    hall.later(hours=2)
    assert await told() == ["参加过的"]
    hall.later(days=340)
    assert await told() == []


async def test_a_feed_has_room_for_2000_dates_and_those_to_come_go_first(hall, monkeypatch):
    monkeypatch.setattr("services.events.calendars.queries.MOST", 3)
    for days in range(1, 6):
        activity = await hall.announces(
            title=f"第{days}次", starts_at=hall.after(days=days), ends_at=hall.after(days=days, hours=1)
        )
        await hall.registers("甲", activity)
    jia = await subscribe(hall, "甲")
    assert set(await jia.shows()) == {"第1次", "第2次", "第3次"}
    hall.later(days=3, hours=2)
    assert set(await jia.shows()) == {"第3次", "第4次", "第5次"}


async def test_it_spans_all_communities_and_speaks_the_language_of_the_person(hall, start_service):
    await hall.registers("甲", await hall.announces())
    async with hall.stage.harness.runtime.database.transaction() as session:
        known = hall.stage.harness.runtime.service.tables.metadata.tables
        people, members = known["known_people"], known["known_members"]
        await session.execute(update(people).where(people.c.id == hall["甲"].person_id).values(locale="en"))
        [row] = (await session.execute(select(members).where(members.c.id == hall["乙"].id))).mappings()
        # 乙 is the same person, elsewhere.
        await session.execute(
            members.insert().values(
                {
                    **row,
                    "id": hall.stage.known_as("twin"),
                    "person_id": hall["甲"].person_id,
                    "community_id": hall.stage.known_as("elsewhere"),
                }
            )
        )
        activity = Activity(
            community_id=hall.stage.known_as("elsewhere"),
            kind="workshop",
            mode="offline",
            title="Elsewhere",
            starts_at=NOON + timedelta(days=1),
            ends_at=NOON + timedelta(days=1, hours=1),
            time_zone="Europe/Berlin",
            status="announced",
            announced_at=NOON,
            created_at=NOON,
        )
        session.add(activity)
        await session.flush()
        session.add(
            Registration(
                community_id=activity.community_id,
                activity_id=activity.id,
                member_id=hall.stage.known_as("twin"),
                status="waitlisted",
                queued=1,
                registered_at=NOON,
            )
        )
    jia = await subscribe(hall, "甲")
    assert set(await jia.shows()) == {"怎么讲好一门课", "Elsewhere (waiting list)"}
    content = (await fetch(hall, jia.link)).content
    assert b"NAME:Qunxue\r\n" in content
    assert [str(one["TZID"]) for one in read_ical(content).walk("VTIMEZONE")] == [
        "Asia/Shanghai",
        "Europe/Berlin",
    ]


async def test_a_single_activity_is_downloaded_by_whoever_sees_it(hall):
    activity = await hall.announces(title="讲课", **ONLINE)
    address = path(activity, "calendar")

    async def read(name):
        answer = await hall[name].client.get(address)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["content-disposition"] == f'attachment; filename="{activity["id"]}.ics"'
        calendar = read_ical(answer.content)
        [entry] = calendar.walk("VEVENT")
        return calendar.get("METHOD"), entry

    _, entry = await read("甲")
    assert (entry["UID"], entry["STATUS"], "URL" in entry) == (activity["id"], "CONFIRMED", False)
    assert (await read("群主"))[1]["URL"] == ONLINE["join_url"]
    registration = await hall.registers("甲", activity)
    _, seated = await read("甲")
    assert seated["URL"] == ONLINE["join_url"]
    assert seated["SEQUENCE"] > entry["SEQUENCE"]
    jia = await subscribe(hall, "甲")
    await jia.shows()
    assert jia.program.had == {activity["id"]: seated["SEQUENCE"]}
    await hall.cancels("甲", registration)
    method, gone = await read("甲")
    assert (method, gone["STATUS"], gone["SEQUENCE"] > seated["SEQUENCE"]) == ("CANCEL", "CANCELLED", True)
    draft = await hall.prepares()
    assert (await hall["甲"].client.get(path(draft, "calendar"))).status_code == 404


async def test_who_belongs_to_no_community_has_no_calendar(hall):
    stranger = hall.stage.harness.as_person(hall.stage.known_as("stranger"))
    assert (await stranger.post(CALENDARS)).status_code == 403
    assert (await hall.stage.service("activities.read").post(CALENDARS)).status_code == 403
    assert (await hall.stage.harness.anonymous().post(CALENDARS)).status_code == 401


async def test_a_feed_takes_three_statements_however_many_dates_it_has(hall):
    from tests.support.statements import listening, recorded

    await hall.registers("甲", await hall.announces())
    link = await link_of(hall, "甲")
    with listening():
        await fetch(hall, link)
        with recorded() as few:
            await fetch(hall, link)
        for _ in range(5):
            await hall.registers("甲", await hall.announces())
        with recorded() as many:
            await fetch(hall, link)
    assert len(few) == len(many) == 3


async def test_what_changed_before_changes_were_noted_is_dated_by_what_is_known(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    async with hall.stage.harness.runtime.database.transaction() as session:
        await session.execute(update(Activity).values(changed_at=None))
        await session.execute(update(Registration).values(changed_at=None))
    jia = await subscribe(hall, "甲")
    await jia.shows()
    assert jia.entry("怎么讲好一门课").entry["LAST-MODIFIED"].dt == NOON.astimezone(UTC)
    assert (await hall["甲"].client.get(path(activity, "calendar"))).status_code == 200


async def test_a_series_is_followed_date_by_date(hall):
    body = {"community_id": str(hall.stage.community_id), "kind": "meeting", "title": "例会", "count": 3}
    body |= {
        "rule": {"frequency": "weekly", "weekdays": ["tu"]},
        "starts_on": "2024-05-06",
        "at": "19:00",
        "minutes": 30,
    }
    series = await hall.send("群主", "/v1/series", body, status=201)
    one = f"/v1/series/{series['id']}"
    dates = (await hall.send("群主", f"{one}/announce", version=1))["dates"]
    jia = await subscribe(hall, "甲")

    async def starts():
        await jia.shows()
        return sorted((date.starts_at.isoformat()[5:16], date.status) for date in jia.program.shown.values())

    assert await starts() == []
    await hall.send("甲", f"{one}/join", {})
    assert await starts() == [("05-07T11:00", "CONFIRMED"), ("05-14T11:00", "CONFIRMED"), ("05-21T11:00", "CONFIRMED")]
    await hall.send("群主", f"{one}/move", {"from": dates[1]["on"], "at": "20:00"}, version=2)
    assert await starts() == [("05-07T11:00", "CONFIRMED"), ("05-14T12:00", "TENTATIVE"), ("05-21T12:00", "TENTATIVE")]
    await hall.send("群主", f"{one}/cancel", {"from": dates[2]["on"], "reason": "放假"}, version=3)
    assert await starts() == [("05-07T11:00", "CONFIRMED"), ("05-14T12:00", "TENTATIVE")]
    await hall.send("甲", f"{one}/leave")
    assert await starts() == []
