from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from chassis.settings import Settings
from services.membership.campaigns.landings import link_of
from services.membership.campaigns.routes import _base
from tests.service.membership.scene import ANSWERS, DAY, FORM, POSITIONING, SENIOR


async def test_a_campaign_opens_with_channel_form_and_open_community(scene):
    community = await scene.community(opened=False)
    campaign = await scene.campaign(community, opened=False, channels=[], form=None, requirements=[])
    path = f"/v1/campaigns/{campaign['id']}"
    owner = scene.again("owner")
    refused = await scene.send(owner, f"{path}/open", status=409)
    assert (refused["code"], refused["missing"]) == ("campaign_incomplete", ["channel", "form", "open_community"])
    await scene.send(owner, f"{path}/channels", {"code": "im", "name": "群"}, status=201)
    await scene.send(owner, f"{path}/forms", {"form": FORM}, status=201)
    await scene.send(owner, f"/v1/communities/{community['id']}/open")
    assert (await scene.send(owner, f"{path}/open"))["status"] == "open"
    told = await scene.told("campaign.opened")
    assert [channel["code"] for channel in told[0]["channels"]] == ["im"]


async def test_a_requirement_on_an_answer_that_the_form_lacks_keeps_it_closed(scene):
    community = await scene.community()
    lacking = SENIOR | {"field": "answers.tenure"}
    campaign = await scene.campaign(community, opened=False, requirements=[lacking])
    refused = await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/open", status=409)
    assert refused["missing"] == ["answerable_requirements"]


async def test_a_requirement_that_no_answer_satisfies_keeps_it_closed_and_says_why(scene):
    community = await scene.community()
    form = FORM | {"properties": FORM["properties"] | {"hours": {"type": "string"}}}
    hours = {"code": "hours", "field": "answers.hours", "op": "gte", "value": 2, "knock_out": True}
    campaign = await scene.campaign(community, opened=False, requirements=[SENIOR, hours], form=form)
    path = f"/v1/campaigns/{campaign['id']}"
    assert (await scene.see(scene.again("owner"), path))["viewer"]["cannot"]["open"] == "campaign_incomplete"
    refused = await scene.send(scene.again("owner"), f"{path}/open", status=409)
    assert (refused["code"], refused["missing"]) == ("campaign_incomplete", ["answerable_requirements"])
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/requirements/1", "requirement_wrong_type")
    ]
    await scene.change(scene.again("owner"), path, {"requirements": [SENIOR]})
    await scene.send(scene.again("owner"), f"{path}/open")


async def test_a_new_form_must_leave_every_requirement_possible_while_it_runs(scene):
    campaign = await scene.campaign(await scene.community())
    form = FORM | {"properties": FORM["properties"] | {"years": {"type": "integer", "maximum": 1}}}
    path = f"/v1/campaigns/{campaign['id']}/forms"
    refused = await scene.send(scene.again("owner"), path, {"form": form}, status=422)
    assert [error["code"] for error in refused["errors"]] == ["requirement_out_of_bounds"]


async def test_the_clock_opens_and_closes_it_though_no_worker_runs(scene):
    community = await scene.community()
    now = scene.harness.clock()
    campaign = await scene.campaign(community, opens_at=(now + DAY).isoformat(), days=2)
    assert campaign["status"] == "scheduled"
    path = f"/v1/campaigns/{campaign['id']}"
    scene.harness.clock.advance(DAY)
    assert (await scene.see(scene.again("owner"), path))["status"] == "open"
    scene.harness.clock.advance(DAY)
    assert (await scene.see(scene.again("owner"), path))["status"] == "closed"
    listed = (await scene.again("owner").get("/v1/campaigns", params={"status": "closed"})).json()
    assert [item["id"] for item in listed["items"]] == [campaign["id"]]


async def test_after_a_night_off_it_tells_of_what_happened_at_its_time(scene):
    community = await scene.community()
    now = scene.harness.clock()
    await scene.campaign(community, opens_at=(now + DAY).isoformat(), days=2)
    scene.harness.clock.advance(5 * DAY)
    await scene.harness.run_timers()
    told = await scene.harness.published("campaign.")
    assert [(message.type.split(".")[3], message.occurred_at - now) for message in told] == [
        ("opened", DAY),
        ("closed", 2 * DAY),
    ]
    assert [message.version for message in told] == [1, 2]


async def test_closing_early_tells_once(scene):
    campaign = await scene.campaign(await scene.community())
    await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/close")
    refused = await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/close", status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "closed")
    scene.harness.clock.advance(40 * DAY)
    await scene.harness.run_timers()
    assert len(await scene.told("campaign.closed")) == 1


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({"app_url": "https://app.example/", "public_url": "https://api.example"}, "https://app.example/landings/t"),
        ({"public_url": "https://api.example/"}, "https://api.example/v1/landings/t"),
        ({}, "/v1/landings/t"),
    ],
)
def test_a_short_link_leads_to_the_app_where_there_is_one(settings: Any, link: str):
    chosen = Settings(**settings)
    assert link_of(_base(cast(Any, SimpleNamespace(settings=chosen))), "t") == link


async def test_a_short_link_leads_there_with_what_chats_add_to_it(scene):
    campaign = await scene.campaign(await scene.community())
    visitor, address = scene.harness.anonymous(), f"/v1/landings/{campaign['channels'][0]['token']}"
    assert await scene.see(visitor, f"{address}?from=singlemessage&utm_source=chat") == await scene.see(
        visitor, address
    )


async def test_a_landing_needs_no_log_in_and_counts_visits_by_channel_and_day(scene):
    community = await scene.community(visibility="private")
    campaign = await scene.campaign(community)
    poster, im = campaign["channels"]
    visitor = scene.harness.anonymous()
    landing = await scene.see(visitor, f"/v1/landings/{poster['token']}")
    await scene.see(visitor, f"/v1/landings/{poster['token']}")
    scene.harness.clock.advance(DAY)
    await scene.see(visitor, f"/v1/landings/{poster['token']}")
    assert landing["community"]["positioning"] == POSITIONING
    assert (landing["form"], landing["form_version"]) == (FORM, 1)
    assert landing["requirements"][0]["code"] == "senior"
    assert landing["channel"]["code"] == "poster"
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert {channel["code"]: channel["visits"] for channel in board["by_channel"]} == {"poster": 3, "im": 0}
    assert im["token"] != poster["token"]


async def test_a_link_of_a_draft_leads_nowhere(scene):
    campaign = await scene.campaign(await scene.community(), opened=False)
    await scene.see(scene.harness.anonymous(), f"/v1/landings/{campaign['channels'][0]['token']}", status=404)
    await scene.see(scene.harness.anonymous(), "/v1/landings/nothing-here", status=404)


async def test_the_short_link_comes_as_a_qr_code(scene):
    campaign = await scene.campaign(await scene.community())
    answer = await scene.harness.anonymous().get(campaign["channels"][0]["qr"])
    assert answer.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in answer.content


async def test_short_links_are_shown_to_those_who_run_it_only(scene):
    campaign = await scene.campaign(await scene.community(visibility="public"))
    path = f"/v1/campaigns/{campaign['id']}"
    assert (await scene.see(scene.harness.anonymous(), path))["channels"][0]["token"] is None
    assert (await scene.see(scene.again("owner"), path))["channels"][0]["token"]


async def test_drafts_are_seen_by_those_who_run_them_only(scene):
    community = await scene.community(visibility="public")
    campaign = await scene.campaign(community, opened=False)
    path = f"/v1/campaigns/{campaign['id']}"
    await scene.see(await scene.client("anyone"), path, status=404)
    await scene.see(scene.admin, path, status=404)
    assert (await scene.see(scene.again("anyone"), "/v1/campaigns"))["items"] == []
    assert len((await scene.see(scene.again("owner"), "/v1/campaigns"))["items"]) == 1


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/x"}}}, "/form/properties/x/$ref"),
        ({"type": "object", "properties": {"x": {"pattern": "^(a+)+$"}}}, "/form/properties/x/pattern"),
        ({"type": "object", "$ref": "#"}, "/form/$ref"),
        ({"type": "object", "properties": {"x": {"type": "text"}}}, "/form/properties/x/type"),
        ({"type": "string"}, "/form"),
    ],
)
async def test_a_harmful_or_wrong_form_is_refused_and_changes_nothing(scene, form, pointer):
    campaign = await scene.campaign(await scene.community(), opened=False)
    path = f"/v1/campaigns/{campaign['id']}"
    refused = await scene.send(scene.again("owner"), f"{path}/forms", {"form": form}, status=422)
    assert refused["code"] == "form_refused"
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert (await scene.see(scene.again("owner"), path))["form_version"] == 1


async def test_what_applicants_rely_on_stays_while_it_runs(scene):
    campaign = await scene.campaign(await scene.community())
    path = f"/v1/campaigns/{campaign['id']}"
    refused = await scene.change(scene.again("owner"), path, {"requirements": []}, status=409)
    assert (refused["code"], refused["fields"]) == ("campaign_running", ["requirements"])
    longer = (scene.harness.clock() + 60 * DAY).isoformat()
    assert (await scene.change(scene.again("owner"), path, {"closes_at": longer, "quota": 5}))["quota"] == 5
    past = (scene.harness.clock() - DAY).isoformat()
    await scene.change(scene.again("owner"), path, {"closes_at": past}, status=422)
    scene.harness.clock.advance(40 * DAY)
    await scene.harness.run_timers()
    assert (await scene.see(scene.again("owner"), path))["status"] == "open"


async def test_a_quota_is_not_cut_below_the_seats_taken(scene):
    campaign = await scene.campaign(await scene.community())
    for name in ("一", "二"):
        await scene.decide(await scene.apply(name, campaign), "accepted")
    refused = await scene.change(scene.again("owner"), f"/v1/campaigns/{campaign['id']}", {"quota": 1}, status=409)
    assert (refused["code"], refused["seats_taken"]) == ("quota_below_seats", 2)


async def test_a_patch_that_does_not_fit_the_rest_is_refused(scene):
    campaign = await scene.campaign(await scene.community(), opened=False)
    path = f"/v1/campaigns/{campaign['id']}"
    late = (scene.harness.clock() + 90 * DAY).isoformat()
    await scene.change(scene.again("owner"), path, {"opens_at": late}, status=422)
    await scene.change(scene.again("owner"), path, {"cohort_id": campaign["id"]}, status=422)
    await scene.change(scene.again("owner"), path, {"steps": ["interview"]}, status=422)


async def test_who_does_not_run_campaigns_is_refused(scene):
    community = await scene.community()
    campaign = await scene.campaign(community)
    await scene.member("成员", community)
    path = f"/v1/campaigns/{campaign['id']}"
    for client in (scene.again("成员"), scene.admin):
        await scene.send(client, f"{path}/close", status=403)
        await scene.see(client, f"{path}/board", status=403)
    viewer = (await scene.see(scene.again("成员"), path))["viewer"]
    assert viewer["can"] == []
    assert set(viewer["cannot"].values()) == {"forbidden"}


async def in_state(scene, state):
    """A campaign that is so, as its owner reads it."""
    now = scene.harness.clock()
    later = {"opens_at": (now + DAY).isoformat()} if state == "scheduled" else {}
    campaign = await scene.campaign(await scene.community(), opened=state != "draft", **later)
    for action in {"closed": ["close"], "archived": ["close", "archive"]}.get(state, []):
        campaign = await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/{action}")
    assert campaign["status"] == state
    return campaign


@pytest.mark.parametrize("action", ["open", "close", "archive"])
@pytest.mark.parametrize("state", ["draft", "scheduled", "open", "closed", "archived"])
async def test_the_viewer_of_a_campaign_and_its_commands_never_disagree(scene, state, action):
    campaign = await in_state(scene, state)
    path = f"/v1/campaigns/{campaign['id']}"
    viewer = (await scene.see(scene.again("owner"), path))["viewer"]
    assert campaign["viewer"] == viewer, "the answer to a command says the same as reading"
    answer = await scene.again("owner").post(f"{path}/{action}")
    if action in viewer["can"]:
        assert answer.status_code == 200, answer.text
        assert answer.json()["viewer"] == (await scene.see(scene.again("owner"), path))["viewer"]
    else:
        assert answer.json()["code"] == viewer["cannot"][action]


async def test_visits_are_told_once_the_day_is_over_and_say_nothing_of_who_looked(scene):
    campaign = await scene.campaign(await scene.community())
    poster, im = [channel["token"] for channel in campaign["channels"]]
    start = scene.harness.clock()
    for token in (poster, im, poster):
        await scene.see(scene.harness.anonymous(), f"/v1/landings/{token}")
    await scene.harness.run_timers()
    assert await scene.told("campaign.visited") == []
    scene.harness.clock.advance(DAY)
    await scene.see(scene.harness.anonymous(), f"/v1/landings/{im}")
    await scene.harness.run_timers()
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    told = await scene.harness.published("campaign.visited")
    assert [(one.data["channel"], one.data["visits"]) for one in told] == [("poster", 2), ("im", 1), ("im", 1)]
    assert told[0].data["day"] == start.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert {one.actor for one in told} == {"system"}
    versions = [one.version for one in await scene.harness.published("campaign.") if one.subject == campaign["id"]]
    assert versions == [1, 2, 3, 4]
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    assert len(await scene.told("campaign.visited")) == 3


async def test_the_board_counts_by_step_and_channel(scene):
    campaign = await scene.campaign(await scene.community(), quota=1, steps=["form", "interview"])
    first = await scene.apply("一", campaign, channel="poster")
    await scene.apply("二", campaign, channel="im")
    await scene.apply("三", campaign, channel="im", answers=ANSWERS | {"years": 0})
    await scene.apply("四", campaign, channel="im", submit=False)
    scene.harness.clock.advance(timedelta(hours=1))
    await scene.send(scene.again("owner"), f"/v1/applications/{first['id']}/advance")
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert {state: n for state, n in board["by_state"].items() if n} == {"submitted": 1, "screening": 1, "decided": 1}
    by_channel = {channel["code"]: (channel["submitted"], channel["rejected"]) for channel in board["by_channel"]}
    assert by_channel == {"poster": (1, 0), "im": (2, 1)}
    assert (board["seats_left"], board["oldest_waiting"]["state"]) == (1, "submitted")
    holders = {(one["holder"] or {}).get("display_name"): one["applications"] for one in board["holders"]}
    assert holders == {None: 1, "owner": 1}
