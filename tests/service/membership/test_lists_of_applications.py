"""Lists of applications say no more than their rows do."""

from uuid import UUID

import pytest

from services.membership.applications.models import Application
from tests.service.membership.scene import DAY


@pytest.fixture
async def campaign(scene):
    return await scene.campaign(await scene.community())


@pytest.mark.parametrize(
    "asked", [{"state": "decided"}, {"outcome": "accepted"}, {"waiting": True}, {"sort": "-score"}]
)
async def test_who_decides_and_once_applied_learns_nothing_of_themselves_from_which_lists_they_stand_in(
    scene, campaign, asked
):
    decided = [await scene.apply(name, campaign) for name in ("小明", "小红")]
    for application in decided:
        await scene.decide(application, "accepted", release_at=(scene.harness.clock() + DAY).isoformat())
    waiting = [await scene.apply(name, campaign) for name in ("小刚", "小丽")]
    applications = waiting if "waiting" in asked else decided
    async with scene.harness.runtime.database.transaction() as session:
        (await session.get_one(Application, UUID(applications[0]["id"]))).person_id = scene.people["owner"]
    owner = scene.again("owner")
    for query, stand in (({}, applications), (asked, applications[1:])):
        listed = await scene.see(owner, "/v1/applications", campaign_id=campaign["id"], **query)
        ids = {one["id"] for one in listed["items"]}
        assert ids & {one["id"] for one in applications} == {one["id"] for one in stand}
