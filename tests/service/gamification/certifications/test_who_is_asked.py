"""Who leaves is no longer asked: nothing waits for them, what they completed stays, and it goes on when they come back."""

from datetime import timedelta

import pytest

from tests.service.gamification.certificates.happenings import revoked
from tests.service.gamification.certifications.test_certifications import attend, certification, clock, matrix, runs
from tests.service.gamification.stage import NOON

DAY = timedelta(days=1)


async def waiting(scene, member):
    """How many certifications the member's tasks and the operator's desk have."""
    tasks = (await member.client.get("/internal/tasks")).json()
    where = {"community_id": str(scene.community_id)}
    desk = (await scene.operator.client.get("/internal/desk", params=where)).json()
    [late] = [queue["count"] for queue in desk if queue["code"] == "certifications_overdue"]
    return [task["code"] for task in tasks].count("fulfil_certification"), late


async def told_of(scene, member):
    """How many messages named the member."""
    messages = await scene.harness.published("certification.due") + await scene.harness.published(
        "certification.overdue"
    )
    return sum(str(member.id) in message.data["member_ids"] for message in messages)


async def go(scene, member, how):
    await (scene.leave(member) if how == "community" else scene.works(member, department_code="D2"))


async def return_(scene, member, how):
    await (scene.come_back(member) if how == "community" else scene.works(member, department_code="D1"))


BOTH = pytest.mark.parametrize("how", ["community", "department"])


@BOTH
async def test_who_leaves_is_told_nothing_more_and_nothing_waits_for_them(scene, how):
    one = await certification(scene, department_codes=["D1"])
    stays = await scene.member()
    await clock(scene, NOON + DAY)
    await clock(scene, NOON + 32 * DAY)
    tasks, late = await waiting(scene, scene.learner)
    before = await told_of(scene, scene.learner)
    asked = (await matrix(scene, one))["total"]["asked"]
    assert (tasks, before > 0) == (1, True)
    await go(scene, scene.learner, how)
    await clock(scene, NOON + 33 * DAY)
    if how == "department":
        assert await waiting(scene, scene.learner) == (0, late - 1)
    [run] = await runs(scene, scene.learner, status="closed")
    assert (run["number"], run["status"], run["closed_at"]) == (1, "closed", "2024-06-08T04:00:00Z")
    assert await runs(scene, scene.learner, status="overdue") == []
    assert (await matrix(scene, one))["total"]["asked"] == asked - 1
    await clock(scene, NOON + 500 * DAY)
    assert await told_of(scene, scene.learner) == before
    assert [run["status"] for run in await runs(scene, stays)] == ["overdue"]


@BOTH
async def test_what_was_completed_stays_and_its_certificate_too(scene, how):
    template = await scene.template(name="上岗证", kind="certification")
    await certification(scene, department_codes=["D1"], template_id=template["id"])
    await attend(scene, scene.learner, NOON + DAY)
    done, _ = await runs(scene, scene.learner)
    await go(scene, scene.learner, how)
    await clock(scene, NOON + 2 * DAY)
    kept, following = await runs(scene, scene.learner)
    assert (kept | {"member": None}, following["status"]) == (done | {"member": None}, "closed")
    [paper] = (await scene.learner.client.get("/v1/certificates", params={"mine": True})).json()["items"]
    assert paper["status"] == "valid"
    await clock(scene, NOON + 400 * DAY)
    assert await told_of(scene, scene.learner) == 0


@BOTH
async def test_who_comes_back_after_it_ran_out_has_as_long_as_who_is_new_and_does_not_hold_it(scene, how):
    one = await certification(scene, department_codes=["D1"])
    await attend(scene, scene.learner, NOON + DAY)
    held = (await matrix(scene, one))["total"]["holding"]
    await go(scene, scene.learner, how)
    await clock(scene, NOON + 2 * DAY)
    await return_(scene, scene.learner, how)
    await clock(scene, NOON + 3 * DAY)
    assert (await runs(scene, scene.learner))[1]["due_on"] == "2025-05-07", "in time nothing is lost"
    assert (await matrix(scene, one))["total"]["holding"] == held == 1
    await go(scene, scene.learner, how)
    await clock(scene, NOON + 4 * DAY)
    await clock(scene, NOON + 400 * DAY)
    await return_(scene, scene.learner, how)
    await clock(scene, NOON + 401 * DAY)
    kept, open_one = await runs(scene, scene.learner)
    assert (kept["number"], open_one["status"], open_one["due_on"]) == (1, "open", "2025-07-11")
    total = (await matrix(scene, one))["total"]
    assert (total["holding"], total["outstanding"]) == (0, 1)
    await attend(scene, scene.learner, NOON + 402 * DAY)
    assert (await matrix(scene, one))["total"]["holding"] == 1


async def test_who_was_overdue_is_so_again_and_what_was_done_meanwhile_counts(scene):
    await certification(scene, department_codes=["D1"])
    other = await scene.member()
    await clock(scene, NOON + DAY)
    await clock(scene, NOON + 40 * DAY)
    before = await told_of(scene, scene.learner)
    for member in (scene.learner, other):
        await scene.works(member, department_code="D2")
    await clock(scene, NOON + 41 * DAY)
    await attend(scene, other, NOON + 42 * DAY)
    assert [run["status"] for run in await runs(scene, other)] == ["closed"], "nobody asked for it"
    for member in (scene.learner, other):
        await scene.works(member, department_code="D1")
    await clock(scene, NOON + 43 * DAY)
    [run] = await runs(scene, scene.learner)
    assert (run["status"], run["due_on"], run["closed_at"]) == ("overdue", "2024-06-05", None)
    assert await told_of(scene, scene.learner) == before + 1
    assert [run["status"] for run in await runs(scene, other)] == ["completed", "upcoming"]


async def test_what_was_done_before_leaving_counts_when_it_is_told_later_and_what_is_undone_stays_closed(scene):
    await certification(scene, department_codes=["D1"])
    await scene.works(scene.learner, department_code="D2")
    await clock(scene, NOON + 3 * DAY)
    attendance = await attend(scene, scene.learner, NOON + DAY)
    done, following = await runs(scene, scene.learner)
    assert (done["status"], done["completed_at"], following["status"]) == (
        "completed",
        "2024-05-07T04:00:00Z",
        "closed",
    )
    await scene.harness.deliver(revoked(attendance))
    [run] = await runs(scene, scene.learner)
    assert (run["number"], run["status"]) == (1, "closed")
