"""What a service does while it does not hear from membership: it believes its projection for 60 s, then asks, then refuses."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, OnStage, Stage
from tests.system.security.owner import Owner, a_community, a_member

RULE = {"trigger": "checkin.recorded", "points": 7, "xp": 7}


class Unheard:
    """Gamification, whose worker stopped at NOON; meanwhile membership took the owner's role away."""

    def __init__(self, stage: Stage, owner: OnStage, membership: Owner) -> None:
        self.stage = stage
        self.owner = owner
        self.membership = membership

    async def writes(self, *, seconds_later: int) -> tuple[int, str | None]:
        """A privileged write, so long after the worker stopped."""
        self.stage.harness.clock.now = NOON + timedelta(seconds=seconds_later)
        path = f"/v1/earning-rules/rule_{seconds_later}"
        params = {"community_id": str(self.stage.community_id)}
        answer = await self.owner.client.put(path, params=params, json=RULE)
        return answer.status_code, answer.json().get("code") if answer.is_error else None

    async def reads(self) -> int:
        """What a muted member may read, too."""
        return (await self.owner.client.get(f"/v1/wallets/{self.owner.id}")).status_code


@pytest.fixture
async def unheard(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, secret_key=SecretStr("only-for-tests-only-for-tests"), mode="embedded")
    url = f"sqlite:///{tmp_path / 'gamification.sqlite'}"
    async with Harness(definition, settings, database_url=url, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open(visibility="private")
        owner = await stage.member(roles=["owner"])
        membership = Owner(a_community(stage.community_id))
        membership.knows(owner.person_id, member=a_member(owner.id, owner.person_id))
        harness.runtime.peers.apps = {"membership": membership.app}
        async with harness.runtime.database.transaction() as session:
            await session.execute(update(definition.tables.messaging.consumer_progress).values(caught_up_at=NOON))
        yield Unheard(stage, owner, membership)


async def test_within_a_minute_what_the_projection_says_is_good_enough(unheard):
    assert await unheard.writes(seconds_later=59) == (200, None)
    assert unheard.membership.asked == []


async def test_after_a_minute_whoever_lost_his_role_is_refused_what_it_gave_him(unheard):
    assert await unheard.writes(seconds_later=61) == (403, "forbidden")
    assert unheard.membership.asked == [unheard.owner.person_id]


async def test_after_a_minute_whoever_was_suspended_is_nobody(unheard):
    unheard.membership.knows(unheard.owner.person_id, status="suspended")
    assert await unheard.writes(seconds_later=61) == (401, "session_revoked")


async def test_when_membership_does_not_answer_nothing_privileged_is_done_and_reading_goes_on(unheard):
    unheard.membership.reachable = False
    assert await unheard.writes(seconds_later=61) == (503, "authority_unavailable")
    assert await unheard.reads() == 200


async def test_a_stranger_whom_nobody_can_vouch_for_is_told_to_come_back_not_that_he_may_not(unheard):
    unheard.membership.reachable = False
    stranger = unheard.stage.harness.as_person()
    answer = await stranger.get("/v1/leaderboards", params={"community_id": str(unheard.stage.community_id)})
    assert (answer.status_code, answer.json()["code"]) == (503, "authority_unavailable")
