"""What a campaign brought before its community was here: visits by day, applications, and members as of the decision."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from services.membership.applications import imports
from services.membership.campaigns.landings import visits_on
from tests.service.membership.scene import DAY, Scene

NOTHING = {"created": 0, "changed": 0, "unchanged": 0}


@pytest.fixture
async def community(scene: Scene) -> dict[str, Any]:
    return await scene.community()


@pytest.fixture
async def past(scene: Scene, community: dict[str, Any]) -> dict[str, Any]:
    """A draft of a campaign that was open from forty days ago until ten days ago."""
    opens_at = (scene.harness.clock() - 40 * DAY).isoformat()
    return await scene.campaign(community, opened=False, days=-10, opens_at=opens_at)


class Told:
    """Rows of a history of one scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def ago(self, days: float) -> str:
        return (self.scene.harness.clock() - days * DAY).isoformat()

    def visits(self, days: int, visits: Any, channel: str = "poster") -> dict[str, Any]:
        day = (self.scene.harness.clock() - days * DAY).date().isoformat()
        return {"channel": channel, "day": day, "visits": visits}

    async def applied(
        self, name: str, outcome: str = "accepted", *, at: float = 30, decided: float = 28, **more: Any
    ) -> dict[str, Any]:
        await self.scene.client(name)
        said = {"employee_no": self.scene.numbers[name], "channel": "poster", "outcome": outcome}
        return said | {"applied_at": self.ago(at), "decided_at": self.ago(decided)} | more

    async def sent(
        self, campaign: dict[str, Any], rows: list[dict[str, Any]], *, status: int = 202, **query: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        account = self.scene.harness.as_service("applications.import")
        started = await account.post(
            "/v1/applications/imports",
            params={"campaign_id": campaign["id"]} | query,
            content=b"\n".join(orjson.dumps(row) for row in rows),
            headers={"Content-Type": "application/x-ndjson", "Accept-Language": "en"},
        )
        assert started.status_code == status, started.text
        if status != 202:
            return started.json(), []
        await self.scene.harness.run_jobs()
        where = started.headers["Location"]
        errors = await self.scene.see(account, where + "/errors", limit=100)
        return await self.scene.see(account, where), errors["items"]

    async def board(self, campaign: dict[str, Any]) -> dict[str, Any]:
        return dict(await self.scene.see(self.scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board"))

    async def members(self, community: dict[str, Any]) -> dict[str, dict[str, Any]]:
        listed = await self.scene.see(self.scene.again("owner"), "/v1/members", community_id=community["id"])
        return {one["display_name"]: one for one in listed["items"]}


@pytest.fixture
def told(scene: Scene) -> Told:
    return Told(scene)


def same_time(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


async def test_a_past_campaign_is_told_whole_at_its_own_times_and_marked_as_history(scene, community, past, told):
    rows = [
        told.visits(35, 40),
        told.visits(35, 12, "im"),
        await told.applied("一", at=30, decided=28),
        await told.applied("二", "rejected", channel="im"),
        await told.applied("三", "waitlisted", at=29, decided=27, reason="名额有限"),
    ]
    job, errors = await told.sent(past, rows)
    assert (job["state"], job["result"], errors) == ("succeeded", NOTHING | {"created": 5}, [])
    board = await told.board(past)
    assert (board["status"], board["seats_taken"]) == ("closed", 1)
    assert board["by_outcome"] == {"accepted": 1, "waitlisted": 1, "rejected": 1}
    assert {one["code"]: one["visits"] for one in board["by_channel"]} == {"poster": 40, "im": 12}
    joined = (await told.members(community))["一"]
    assert same_time(joined["joined_at"], rows[2]["decided_at"])
    assert (joined["via"], joined["channel"]) == ("application", "poster")
    published = [
        one for part in ("campaign.", "application.", "member.") for one in await scene.harness.published(part)
    ]
    history = [one for one in published if one.backfill]
    at = {one.type.split(".", 2)[2]: one.occurred_at for one in history}
    assert at["campaign.opened.v1"] == datetime.fromisoformat(past["opens_at"])
    assert at["campaign.closed.v1"] == datetime.fromisoformat(past["closes_at"])
    assert at["member.joined.v1"] == datetime.fromisoformat(rows[2]["decided_at"])
    assert sorted(one.type.split(".", 2)[2] for one in history) == sorted(
        ["campaign.opened.v1", "campaign.closed.v1", "member.joined.v1"]
        + ["campaign.visited.v1"] * 2
        + ["application.submitted.v1", "application.decided.v1"] * 3
    )
    (closed,) = await scene.told("campaign.closed")
    assert closed["accepted"] == 1
    days = {(one.data["channel"], one.data["day"], one.data["visits"]) for one in history if "visits" in one.data}
    assert days == {("poster", rows[0]["day"], 40), ("im", rows[0]["day"], 12)}


async def test_an_application_of_a_history_is_read_like_any_other(scene, past, told):
    row = await told.applied("三", "waitlisted", reason="名额有限")
    await told.sent(past, [row])
    (listed,) = (await scene.see(scene.again("owner"), "/v1/applications", campaign_id=past["id"]))["items"]
    read = await scene.see(scene.again("owner"), f"/v1/applications/{listed['id']}")
    assert (read["state"], read["outcome"], read["reason"]) == ("decided", "waitlisted", "名额有限")
    assert same_time(read["submitted_at"], row["applied_at"])
    assert same_time(read["decided_at"], row["decided_at"])
    assert [(one["action"], one["to_state"]) for one in read["moves"]] == [
        ("submit", "submitted"),
        ("decide", "decided"),
    ]
    own = await scene.see(scene.again("三"), f"/v1/applications/{listed['id']}")
    assert own["outcome"] == "waitlisted"
    assert "名额有限" not in str(own)


async def test_told_again_it_changes_nothing_and_publishes_nothing(scene, past, told):
    rows = [told.visits(35, 40), await told.applied("一"), await told.applied("二", "rejected")]
    await told.sent(past, rows)
    before = len(await scene.harness.published(""))
    job, errors = await told.sent(past, rows + rows)
    assert (job["result"], errors) == (NOTHING | {"unchanged": 6}, [])
    assert len(await scene.harness.published("")) == before
    assert (await told.board(past))["seats_taken"] == 1


async def test_a_corrected_number_of_visits_replaces_the_one_before(scene, past, told):
    await told.sent(past, [told.visits(35, 40), told.visits(34, 7)])
    job, _ = await told.sent(past, [told.visits(35, 44), told.visits(34, 7)])
    assert job["result"] == NOTHING | {"changed": 1, "unchanged": 1}
    assert {one["code"]: one["visits"] for one in (await told.board(past))["by_channel"]} == {"poster": 51, "im": 0}
    assert [one["visits"] for one in await scene.told("campaign.visited")] == [40, 7, 44]


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(scene, community, past, told):
    rows = [told.visits(35, 40), await told.applied("一"), await told.applied("二", channel="radio")]
    job, errors = await told.sent(past, rows, dry_run=True)
    assert (job["result"], [one["code"] for one in errors]) == (NOTHING | {"created": 2}, ["unknown_channel"])
    board = await told.board(past)
    assert (board["status"], board["seats_taken"], sum(board["by_state"].values())) == ("draft", 0, 0)
    assert await told.members(community) == {"owner": (await told.members(community))["owner"]}
    assert not await scene.told("campaign.")


async def test_what_cannot_have_been_is_refused_by_name_at_its_line_and_hinders_no_other(scene, past, told):
    await scene.client("离职")
    gone = await told.applied("离职")
    await scene.send(scene.admin, f"/v1/people/{scene.people['离职']}/leave", {})
    good = await told.applied("一")
    rows = [
        told.visits(0, 3),
        told.visits(41, 3),
        told.visits(35, "many"),
        {"channel": "poster", "visits": 3},
        {"channel": "poster", "employee_no": "1"},
        told.visits(35, 3) | {"employee_no": "1"},
        good | {"employee_no": "nobody"},
        good | {"channel": "radio"},
        good | {"applied_at": told.ago(41)},
        good | {"applied_at": told.ago(9), "decided_at": told.ago(8)},
        good | {"decided_at": told.ago(31)},
        good | {"decided_at": told.ago(-1)},
        good | {"outcome": "perhaps"},
        gone,
        good,
    ]
    job, errors = await told.sent(past, rows)
    assert [(one["row"], one["column"], one["code"]) for one in errors] == [
        (1, "day", "day_not_over"),
        (2, "day", "before_opening"),
        (3, "visits", "invalid_visits"),
        (4, "day", "incomplete"),
        (5, "applied_at", "incomplete"),
        (6, "visits", "two_in_one"),
        (7, "employee_no", "unknown_person"),
        (8, "channel", "unknown_channel"),
        (9, "applied_at", "before_opening"),
        (10, "applied_at", "after_closing"),
        (11, "decided_at", "decided_before_applying"),
        (12, "decided_at", "in_the_future"),
        (13, "outcome", "not_a_choice"),
        (14, "employee_no", "person_left"),
    ]
    assert job["result"] == NOTHING | {"created": 1}


async def test_the_quota_holds_for_a_history_too(scene, past, told):
    job, errors = await told.sent(past, [await told.applied(name) for name in ("一", "二", "三")])
    assert (job["result"]["created"], [one["code"] for one in errors]) == (2, ["quota_full"])
    assert (await told.board(past))["seats_taken"] == 2


async def test_whoever_a_roster_says_to_have_joined_then_came_by_the_application(scene, community, past, told):
    row = await told.applied("一", at=30, decided=28)
    await scene.member("一", community, joined_at=told.ago(27))
    job, errors = await told.sent(past, [row])
    assert (job["result"]["created"], errors) == (1, [])
    member = (await told.members(community))["一"]
    assert same_time(member["joined_at"], told.ago(27))
    assert (member["via"], member["channel"]) == ("import", "poster")
    (updated,) = await scene.told("member.updated")
    (listed,) = (await scene.see(scene.again("owner"), "/v1/applications", campaign_id=past["id"]))["items"]
    assert (updated["application_id"], updated["campaign_id"]) == (listed["id"], past["id"])
    assert listed["member_id"] == member["id"]


async def test_who_was_a_member_when_they_applied_is_refused(scene, community, past, told):
    row = await told.applied("一", at=30, decided=28)
    await scene.member("一", community, joined_at=told.ago(100))
    _, errors = await told.sent(past, [row])
    assert [one["code"] for one in errors] == ["already_a_member"]
    assert (await told.board(past))["seats_taken"] == 0


async def test_who_had_left_before_they_applied_comes_back_as_the_same_member(scene, community, told):
    member = await scene.member("一", community, joined_at=told.ago(100))
    await scene.send(scene.again("一"), f"/v1/members/{member['id']}/leave")
    opens_at = scene.harness.clock()
    scene.harness.clock.advance(40 * DAY)
    campaign = await scene.campaign(community, opened=False, days=-10, opens_at=opens_at.isoformat())
    await told.sent(campaign, [await told.applied("一", at=30, decided=28)])
    back = (await told.members(community))["一"]
    assert (back["id"], back["via"]) == (member["id"], "application")
    assert same_time(back["joined_at"], told.ago(28))
    assert [one["before"].get("status") for one in await scene.told("member.joined")][-1] == "left"


async def test_of_two_applications_that_stand_at_once_the_second_is_refused(scene, past, told):
    first = await told.applied("一", "waitlisted", at=30, decided=28)
    _, errors = await told.sent(past, [first, first | {"applied_at": told.ago(20), "decided_at": told.ago(19)}])
    assert [(one["row"], one["code"]) for one in errors] == [(2, "already_applied")]


async def test_who_was_rejected_may_have_applied_again(scene, past, told):
    rejected = await told.applied("一", "rejected", at=38, decided=37)
    accepted = await told.applied("一", at=20, decided=19)
    job, errors = await told.sent(past, [accepted, rejected])
    assert (job["result"]["created"], errors) == (2, [])


async def test_a_known_application_with_another_decision_is_refused(scene, past, told):
    row = await told.applied("一", "waitlisted")
    await told.sent(past, [row])
    _, errors = await told.sent(past, [row | {"outcome": "rejected"}])
    assert [one["code"] for one in errors] == ["decided_otherwise"]


async def test_what_was_decided_here_since_holds_when_the_history_is_told_again(scene, past, told):
    row = await told.applied("一", "waitlisted")
    await told.sent(past, [row])
    (listed,) = (await scene.see(scene.again("owner"), "/v1/applications", campaign_id=past["id"]))["items"]
    await scene.decide(listed, "accepted")
    job, errors = await told.sent(past, [row])
    assert (job["result"], errors) == (NOTHING | {"unchanged": 1}, [])
    assert (await told.board(past))["by_outcome"]["accepted"] == 1


async def test_a_campaign_that_is_open_takes_what_happened_since_it_opened(scene, community, told):
    campaign = await scene.campaign(community)
    scene.harness.clock.advance(5 * DAY)
    job, errors = await told.sent(
        campaign, [told.visits(3, 9), await told.applied("一", at=3, decided=2), told.visits(6, 9)]
    )
    assert (job["result"]["created"], [one["code"] for one in errors]) == (2, ["before_opening"])
    assert (await told.board(campaign))["status"] == "open"
    assert not await scene.told("campaign.closed")


@pytest.mark.parametrize("case", ["draft", "scheduled", "archived"])
async def test_a_campaign_without_a_past_and_one_that_is_put_away_take_no_history(scene, community, told, case):
    if case == "draft":
        campaign = await scene.campaign(community, opened=False)
    elif case == "scheduled":
        campaign = await scene.campaign(community, opens_at=told.ago(-3))
    else:
        campaign = await scene.campaign(community)
        for command in ("close", "archive"):
            await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/{command}")
    said, _ = await told.sent(campaign, [told.visits(1, 3)], status=409)
    assert (said["code"], said["state"]) == ("takes_no_history", case)


async def test_a_campaign_that_was_archived_before_its_file_was_read_takes_none_of_it(scene, community, told):
    campaign = await scene.campaign(community)
    scene.harness.clock.advance(5 * DAY)
    account = scene.harness.as_service("applications.import")
    started = await account.post(
        "/v1/applications/imports",
        params={"campaign_id": campaign["id"]},
        content=orjson.dumps(told.visits(2, 3)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    for command in ("close", "archive"):
        await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/{command}")
    await scene.harness.run_jobs()
    errors = await scene.see(account, started.headers["Location"] + "/errors")
    assert [one["code"] for one in errors["items"]] == ["takes_no_history"]


async def test_a_draft_is_not_there_for_who_may_not_import(scene, community, past, told):
    await scene.member("一", community)
    answer = await scene.again("一").post(
        f"/v1/applications/imports?campaign_id={past['id']}", content=b"{}", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 404


async def test_a_table_may_say_it_in_chinese_with_days_of_the_communitys_zone(scene, community, past, told):
    await scene.client("一")
    day = (scene.harness.clock() - 30 * DAY).date()
    table = (
        "渠道,日期,浏览次数,工号,申请时间,决定时间,结果\n"
        f"poster,{day},25,,,,\n"
        f"im,,,{scene.numbers['一']},{day} 09:00,{day + timedelta(days=2)} 18:00,录取\n"
    )
    account = scene.harness.as_service("applications.import")
    started = await account.post(
        "/v1/applications/imports",
        params={"campaign_id": past["id"]},
        content=table.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert started.status_code == 202, started.text
    await scene.harness.run_jobs()
    job = await scene.see(account, started.headers["Location"])
    assert job["result"] == NOTHING | {"created": 2}
    member = (await told.members(community))["一"]
    assert member["joined_at"] == f"{day + timedelta(days=2)}T10:00:00Z"


async def test_a_history_of_many_steps_tells_how_many_were_accepted_in_the_end(scene, community, told):
    numbers = [f"E{n:05}" for n in range(600)]
    await scene.import_people([(number, "人") for number in numbers])
    opens_at = told.ago(40)
    campaign = await scene.campaign(community, opened=False, days=-10, opens_at=opens_at, quota=600)
    rows = [
        {
            "employee_no": one,
            "channel": "im",
            "applied_at": told.ago(30),
            "decided_at": told.ago(29),
            "outcome": "accepted",
        }
        for one in numbers
    ]
    job, errors = await told.sent(campaign, rows)
    assert (job["result"]["created"], errors) == (600, [])
    assert [one["accepted"] for one in await scene.told("campaign.closed")] == [500, 600]
    assert len(await scene.told("campaign.opened")) == 1


async def test_of_two_files_at_the_same_moment_no_more_come_in_than_there_are_seats(scene, past, told, monkeypatch):
    files = [[await told.applied(name) for name in names] for names in ("一二", "三四")]

    async def slowly(*of):
        await asyncio.sleep(0.3)
        return await visits_on(*of)

    monkeypatch.setattr(imports, "visits_on", slowly)
    account = scene.harness.as_service("applications.import")
    started = [
        await account.post(
            "/v1/applications/imports",
            params={"campaign_id": past["id"]},
            content=b"\n".join(orjson.dumps(row) for row in rows),
            headers={"Content-Type": "application/x-ndjson"},
        )
        for rows in (*files, files[0])
    ]
    await asyncio.gather(*(scene.harness.run_jobs() for _ in started))
    jobs = [await scene.see(account, one.headers["Location"]) for one in started]
    assert [one["state"] for one in jobs] == ["succeeded"] * 3
    assert (sum(one["result"]["created"] for one in jobs), (await told.board(past))["seats_taken"]) == (2, 2)
    assert len(await scene.told("campaign.opened")) == 1


async def test_of_those_whom_a_history_put_on_the_waitlist_who_has_waited_longest_has_the_next_seat(scene, past, told):
    rows = [await told.applied(name) for name in "一二"]
    # The later row, and the earlier application, has waited for less.
    waiting = [("三", 30, 26), ("四", 29, 27)]
    rows += [await told.applied(name, "waitlisted", at=at, decided=decided) for name, at, decided in waiting]
    await told.sent(past, rows)
    where = f"/v1/campaigns/{past['id']}"
    tag = (await scene.again("owner").get(where)).headers["ETag"]
    raised = await scene.again("owner").patch(where, json={"quota": 3}, headers={"If-Match": tag})
    assert raised.status_code == 200, raised.text
    await scene.harness.run_timers()
    (mine,) = (await scene.see(scene.again("四"), "/v1/applications", mine="true"))["items"]
    (other,) = (await scene.see(scene.again("三"), "/v1/applications", mine="true"))["items"]
    assert (mine["outcome"], other["outcome"]) == ("accepted", "waitlisted")


async def test_whom_an_old_history_put_on_the_waitlist_waits_no_more_and_may_be_accepted_by_hand(
    scene, community, told
):
    old = await scene.campaign(community, opened=False, days=-100, opens_at=told.ago(140))
    rows = [await told.applied(name, at=130, decided=120) for name in "一二"]
    rows += [await told.applied(name, "waitlisted", at=130, decided=120) for name in "三四"]
    late = await told.applied("五", at=129, decided=119)
    _, errors = await told.sent(old, [*rows, late])
    assert [one["code"] for one in errors] == ["quota_full"]
    where = f"/v1/campaigns/{old['id']}"
    tag = (await scene.again("owner").get(where)).headers["ETag"]
    raised = await scene.again("owner").patch(where, json={"quota": 4}, headers={"If-Match": tag})
    assert raised.status_code == 200, raised.text
    await scene.harness.run_timers()
    assert (await told.board(old))["seats_taken"] == 2
    job, errors = await told.sent(old, [*rows, late])
    assert (job["result"]["created"], job["result"]["unchanged"], errors) == (1, 4, [])
    (mine,) = (await scene.see(scene.again("三"), "/v1/applications", mine="true"))["items"]
    assert (mine["outcome"], mine["waitlisted_at"]) == ("waitlisted", None)
    said = {"outcome": "accepted", "reason": "当年名额不足，现在补录"}
    await scene.send(scene.again("owner"), f"/v1/applications/{mine['id']}/decide", said)
    assert {"一", "二", "三", "五"} <= set(await told.members(community))
    assert "四" not in await told.members(community)


async def test_who_had_joined_by_another_campaign_is_said_to_have_come_by_that_one_still(scene, community, past, told):
    body = {"community_id": community["id"], "code": "1", "name": "一期", "starts_on": "2024-01-01"}
    cohort = await scene.send(scene.again("owner"), "/v1/cohorts", body, status=201)
    opens_at = (scene.harness.clock() - 40 * DAY).isoformat()
    other = await scene.campaign(community, opened=False, days=-10, opens_at=opens_at, cohort_id=cohort["id"])
    await told.sent(other, [await told.applied("一", at=30, decided=20)])
    job, errors = await told.sent(past, [await told.applied("一", at=25, decided=24, channel="im")])
    assert (job["result"]["created"], errors) == (1, [])
    (joined,) = [one for one in await scene.told("member.joined") if one.get("campaign_id")]
    assert (joined["campaign_id"], joined["cohort_id"]) == (other["id"], cohort["id"])
    assert await scene.told("member.updated") == []
