"""Whatever is done to applications in whatever order, the seats add up."""

import random

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.roster.models import Member
from tests.service.membership.scene import DAY

QUOTA = 2
NAMES = ["一", "二", "三", "四", "五"]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
async def test_any_sequence_of_commands_leaves_as_many_seats_taken_as_there_are_accepted(scene, seed):
    chance = random.Random(seed)
    campaign = await scene.campaign(await scene.community(), quota=QUOTA, days=150, requirements=[])
    latest = {name: await scene.apply(name, campaign) for name in NAMES}
    for _ in range(40):
        await one_command(scene, chance, campaign, latest)
        await the_seats_add_up(scene)


async def one_command(scene, chance, campaign, latest):
    """Something that may or may not be possible; being refused is fine, being counted wrong is not."""
    name = chance.choice(NAMES)
    path, answer = f"/v1/applications/{latest[name]['id']}", None
    match chance.choice(["decide", "decide", "decide", "withdraw", "decline", "again", "days", "timers", "quota"]):
        case "decide":
            body = {"outcome": chance.choice(["accepted", "accepted", "waitlisted", "rejected"]), "reason": "x"}
            if chance.random() < 0.5:
                body["release_at"] = (scene.harness.clock() + DAY).isoformat()
            answer = await scene.again("owner").post(f"{path}/decide", json=body)
        case "withdraw" | "decline" as action:
            answer = await scene.again(name).post(f"{path}/{action}")
        case "again":
            body = {"campaign_id": campaign["id"], "channel": "im", "answers": {"motive": "再来", "years": 3}}
            answer = await scene.again(name).post("/v1/applications", json=body)
            if answer.status_code == 201:
                latest[name] = answer.json()
        case "days":
            scene.harness.clock.advance(chance.choice([DAY / 2, DAY, 3 * DAY]))
        case "timers":
            await scene.harness.run_timers()
        case "quota":
            path = f"/v1/campaigns/{campaign['id']}"
            etag = (await scene.again("owner").get(path)).headers["ETag"]
            body = {"quota": chance.randint(1, QUOTA + 1)}
            answer = await scene.again("owner").patch(path, json=body, headers={"If-Match": etag})
    assert answer is None or answer.status_code < 500, answer.text


async def the_seats_add_up(scene):
    async with scene.harness.runtime.database.reading() as session:
        taken, quota = (await session.execute(select(col(Campaign.seats_taken), col(Campaign.quota)))).one()
        accepted = select(func.count()).where(
            col(Application.state) == "decided", col(Application.outcome) == "accepted"
        )
        assert taken == (await session.execute(accepted)).scalar_one() <= quota
        live = select(col(Application.person_id), func.count()).where(col(Application.live).is_(True))
        assert all(n == 1 for _, n in await session.execute(live.group_by(col(Application.person_id))))
        members = select(func.count()).where(
            col(Member.via) == "application", col(Member.status).in_(["active", "muted"])
        )
        assert (await session.execute(members)).scalar_one() <= taken
