"""Who waits for a seat moves up in order: when a seat is freed, and when the quota is raised."""

import pytest

from tests.service.membership.scene import DAY

MINUTE = DAY / 1440


async def outcomes(scene, campaign):
    """The outcome of each applicant, by name."""
    found = await scene.see(scene.again("owner"), "/v1/applications", campaign_id=campaign["id"])
    return {one["applicant"]["display_name"]: one["outcome"] for one in found["items"]}


async def full_house(scene, *waiting, quota=1, **fields):
    """A campaign whose seats are taken, and these names on its waitlist, in this order; their applications by name."""
    campaign = await scene.campaign(await scene.community(), quota=quota, **fields)
    seated = [f"座{n}" for n in range(quota)]
    applications = {name: await scene.apply(name, campaign) for name in (*seated, *waiting)}
    for name, application in applications.items():
        scene.harness.clock.advance(MINUTE)
        await scene.decide(application, "accepted" if name in seated else "waitlisted")
    return campaign, applications


async def set_quota(scene, campaign, quota, *, status=200):
    return await scene.change(scene.again("owner"), f"/v1/campaigns/{campaign['id']}", {"quota": quota}, status=status)


async def test_a_raised_quota_moves_the_waitlist_up_in_order(scene):
    campaign, _ = await full_house(scene, "三", "一", "二")
    await set_quota(scene, campaign, 3)
    assert await outcomes(scene, campaign) == {
        "座0": "accepted",
        "三": "accepted",
        "一": "accepted",
        "二": "waitlisted",
    }
    joined = [told["display_name"] for told in await scene.told("member.joined") if told["via"] == "application"]
    assert joined == ["座0", "三", "一"]


async def test_a_later_applicant_does_not_take_the_seat_that_was_added(scene):
    campaign, _ = await full_house(scene, "一")
    late = await scene.apply("二", campaign)
    await set_quota(scene, campaign, 2)
    assert (await scene.decide(late, "accepted", status=409))["code"] == "quota_full"
    assert (await outcomes(scene, campaign))["一"] == "accepted"


async def test_a_quota_that_falls_or_stays_moves_nobody(scene):
    campaign = await scene.campaign(await scene.community(), quota=3)
    application = await scene.apply("一", campaign)
    await scene.decide(application, "waitlisted")
    await set_quota(scene, campaign, 2)
    await set_quota(scene, campaign, 2)
    assert await outcomes(scene, campaign) == {"一": "waitlisted"}


async def test_as_many_move_up_as_there_are_free_seats(scene):
    """One seat stayed free because nobody waited then; when the next one is freed, both are given."""
    campaign, applications = await full_house(scene, quota=2)
    await scene.send(scene.again("座0"), f"/v1/applications/{applications['座0']['id']}/decline")
    for name in ("一", "二", "三"):
        scene.harness.clock.advance(MINUTE)
        await scene.decide(await scene.apply(name, campaign), "waitlisted")
    await scene.send(scene.again("座1"), f"/v1/applications/{applications['座1']['id']}/decline")
    found = await outcomes(scene, campaign)
    assert [found[name] for name in ("一", "二", "三")] == ["accepted", "accepted", "waitlisted"]


@pytest.mark.parametrize("by_the_clock", [False, True])
async def test_the_quota_is_raised_after_closing_while_decisions_are_made(scene, by_the_clock):
    campaign, _ = await full_house(scene, "一")
    path = f"/v1/campaigns/{campaign['id']}"
    if by_the_clock:
        scene.harness.clock.advance(31 * DAY)
    else:
        await scene.send(scene.again("owner"), f"{path}/close")
    assert "update" in (await scene.see(scene.again("owner"), path))["viewer"]["can"]
    changed = await set_quota(scene, campaign, 2)
    assert (changed["quota"], changed["status"]) == (2, "closed")
    assert (await outcomes(scene, campaign))["一"] == "accepted"
    refused = await scene.change(scene.again("owner"), path, {"quota": 3, "title": "秋季"}, status=409)
    assert refused["code"] == "illegal_transition"
    await scene.harness.run_timers()
    if not by_the_clock:
        await scene.send(scene.again("owner"), f"{path}/archive")
        assert "update" in (await scene.see(scene.again("owner"), path))["viewer"]["cannot"]
        await set_quota(scene, campaign, 3, status=409)


@pytest.mark.parametrize("mistake", ["rejected", "accepted"])
async def test_a_mistake_put_right_before_its_release_costs_no_place(scene, mistake):
    quota = 2 if mistake == "accepted" else 1
    later = (scene.harness.clock() + DAY).isoformat()
    campaign = await scene.campaign(await scene.community(), quota=quota)
    first, second = await scene.apply("一", campaign), await scene.apply("二", campaign)
    since = (await scene.decide(first, "waitlisted", release_at=later))["waitlisted_at"]
    scene.harness.clock.advance(MINUTE)
    await scene.decide(second, "waitlisted", release_at=later)
    assert (await scene.decide(first, mistake, release_at=later))["waitlisted_at"] is None
    scene.harness.clock.advance(MINUTE)
    again = await scene.decide(first, "waitlisted", release_at=later)
    if mistake == "accepted":
        # The seat given back went to whoever waited.
        assert await outcomes(scene, campaign) == {"一": "waitlisted", "二": "accepted"}
    assert again["waitlisted_at"] == since
    await set_quota(scene, campaign, quota + 1)
    assert (await outcomes(scene, campaign))["一"] == "accepted"
