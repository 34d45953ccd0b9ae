from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.membership.campaigns.models import Campaign, Channel, FormVersion
from tests.service.membership.scene import FORM, SENIOR
from tests.system.security.recipe import Ref, here, recipe
from tests.system.security.world import Ground, World

IN_NINE_DAYS = Ref(lambda world, _case: (world.harness.clock() + timedelta(days=9)).isoformat())
DRAFT = here("campaign_draft")
SEEN_BY_STAFF: dict[str, Any] = {"row": "campaigns.write", "why": "drafts are seen by operators and owners"}
LINK = "the link's token is what is shown"

RECIPES = [
    recipe("create_campaign", body={"community_id": here(), "title": "秋季", "quota": 3, "closes_at": IN_NINE_DAYS}),
    recipe("list_campaigns", query={"community_id": here(), "limit": 100}, shows=here("campaign_open")),
    recipe("read_campaign", here("campaign_open")),
    recipe("read_campaign", DRAFT, **SEEN_BY_STAFF),
    recipe("read_campaign_form", here("campaign_open"), 1),
    recipe("read_campaign_form", DRAFT, 1, **SEEN_BY_STAFF),
    recipe("update_campaign", DRAFT, body={"title": "改名"}, version=1),
    recipe("add_campaign_channel", DRAFT, body={"code": "wiki", "name": "内网", "kind": "other"}),
    recipe("add_campaign_form", DRAFT, body={"form": FORM}),
    recipe("open_campaign", DRAFT),
    recipe("close_campaign", here("campaign_open")),
    recipe("archive_campaign", here("campaign_closed")),
    recipe("read_landing", here("link"), public=LINK),
    recipe("read_landing_qr", here("link"), public=LINK),
]


async def prepare(world: World) -> None:
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for status in ("draft", "open", "closed"):
                ground.ids[f"campaign_{status}"], _ = await add_campaign(session, world, ground, status)
            ground.ids["link"] = link_of(ground.ids["campaign_open"])


def link_of(campaign_id: UUID) -> str:
    """The token of its channel."""
    return campaign_id.hex[-20:]


def a_test(paper_id: UUID, *graders: UUID) -> dict[str, Any]:
    """What a campaign's test asks, as it is kept."""
    return {
        "paper_id": str(paper_id), "paper_version": 1, "pass_percent": 60, "attempts": 2, "minutes": 60, "opens_at": None,
        "closes_at": None, "knock_out": False, "grader_ids": sorted(map(str, graders)),
    }  # fmt: skip


async def add_campaign(session: AsyncSession, world: World, ground: Ground, status: str) -> tuple[UUID, UUID]:
    """A campaign with room, a form and a channel; its id and the channel's."""
    campaign_id, channel_id, now = new_id(), new_id(), world.harness.clock()
    session.add(
        Campaign(
            id=campaign_id, community_id=ground.id, title="春季招募", status=status, audience="employees", quota=100,
            seats_taken=50, opens_at=None if status == "draft" else now - timedelta(days=60), closes_at=now + timedelta(days=60), requirements=[SENIOR], steps=["form", "test"],
            test=a_test(new_id()), paper_state="there", form_version=1, created_at=now, updated_at=now, created_by="system",
        )
    )  # fmt: skip
    await session.flush()
    channel: dict[str, Any] = {
        "code": "poster",
        "name": "海报",
        "kind": "poster",
        "token": link_of(campaign_id),
        "created_at": now,
    }
    session.add(Channel(id=channel_id, campaign_id=campaign_id, **channel))
    session.add(FormVersion(campaign_id=campaign_id, version=1, form=FORM, created_at=now, created_by="system"))
    await session.flush()
    return campaign_id, channel_id
