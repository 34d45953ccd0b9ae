from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import CampaignInterviewer, Interview, Interviewer, InterviewerLine
from services.membership.scorecards.models import Scorecard
from tests.service.membership.scene import ANSWERS
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import ASSIGNED, Whose, here, own, recipe, thing
from tests.system.security.recipes.membership.campaigns import add_campaign
from tests.system.security.world import Ground, Player, World

JUDGES: tuple[Whose, ...] = ("assigned", "other")
"""Nobody judges themselves: what is their own to write is what they are assigned to."""
SOME = frozenset({"M", "neighbour", "gone"})
"""Members who have a slot to choose: the list of applications is a page long."""

LATER, LATER_STILL = "2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z"
RECIPES = [
    recipe("list_campaign_interviewers", here("interviewing campaign")),
    recipe("name_campaign_interviewer", here("interviewing campaign"), thing("colleague")),
    recipe("drop_campaign_interviewer", here("interviewing campaign"), thing("colleague")),
    recipe(
        "offer_interview",
        body={
            "campaign_id": here("interviewing campaign"),
            "interviewer_ids": [here("stand-in")],
            "starts_at": LATER,
            "ends_at": LATER_STILL,
        },
    ),
    recipe("list_interviews", query={"community_id": here(), "limit": 100}, shows=own("interview"), whose=ASSIGNED),
    recipe("read_interview", own("interview"), whose=ASSIGNED),
    recipe("read_interview_calendar", own("interview"), whose=ASSIGNED),
    recipe("choose_interview", own("slot")),
    recipe("give_up_interview", own("interview")),
    recipe("move_interview", here("interview"), body={"starts_at": LATER, "ends_at": LATER_STILL}),
    recipe("cancel_interview", here("interview"), body={"reason": "会议室被占"}),
    recipe("miss_interview", here("held interview")),
    recipe("put_interviewers", here("interview"), body={"interviewer_ids": [here("stand-in")]}),
    recipe("declare_conflict", own("judged"), body={"reason": "亲属"}, whose=JUDGES),
    recipe("create_scorecard", body={"application_id": own("judged")}, whose=JUDGES),
    recipe("list_scorecards", query={"application_id": own("judged")}, whose=JUDGES),
    recipe("read_scorecard_summary", query={"application_id": own("judged")}, whose=JUDGES),
    recipe("read_scorecard", own("card"), whose=JUDGES),
    recipe("save_scorecard", own("draft card"), body={"comment": "很好"}, version=1, whose=JUDGES),
    recipe("hand_in_scorecard", own("draft card"), whose=JUDGES),
    recipe("cancel_scorecard", here("card"), body={"reason": "误评"}),
]


async def prepare(world: World) -> None:
    """Everybody has an interview of their own, one that is offered to them, and applicants whom they have met."""
    world.things["colleague"] = new_id()
    async with world.transaction() as session:
        add_person(session, world.things["colleague"], "colleague", world.harness.clock())
        for ground in world.grounds.values():
            await _of_ground(session, world, ground)
        for player in world.people:
            made = _Made(session, world, player.ground)
            player.own["interview"] = await made.interview(await made.application(player.person_id), hours=72)
            if player.member_id is None or player.column in SOME:
                mine = await made.application(player.person_id)
                player.own["slot"] = await made.interview(mine, hours=96, offered=True)
        # Whom everybody has met, and whom the neighbour alone has, and who has what the neighbour has elsewhere.
        here = [one for one in world.people if one.ground is world.home]
        await _judging(_Made(session, world, world.home), here, "assigned")
        for player in (world.neighbour, world.twin):
            await _judging(_Made(session, world, player.ground), [player], "own")


async def _judging(made: "_Made", players: list[Player], where: str) -> None:
    """One interview ahead, and three applicants whom all of them have met: nobody has written of one, or a draft, or all that there is."""
    people = [one.person_id for one in players]
    if where == "assigned":
        ahead = await made.interview(await made.application(), hours=72, people=people)
        for player in players:
            player.assigned["interview"] = ahead
    for name, status in (("judged", None), ("draft card", "draft"), ("card", "handed_in")):
        key = await made.application()
        await made.interview(key, hours=-1, people=people)
        for player in players:
            written = key if status is None else await made.card(key, player.person_id, status)
            (player.assigned if where == "assigned" else player.own)[name] = written


async def _of_ground(session: AsyncSession, world: World, ground: Ground) -> None:
    made = _Made(session, world, ground)
    campaign_id = ground.ids["interviewing campaign"] = await made.campaign()
    ground.ids["stand-in"] = await made.person()
    session.add(InterviewerLine(person_id=ground.ids["stand-in"]))
    for person_id in (ground.ids["stand-in"], world.things["colleague"]):
        session.add(
            CampaignInterviewer(campaign_id=campaign_id, person_id=person_id, named_by="system", named_at=made.now)
        )
    ground.ids["interview"] = await made.interview(await made.application(campaign_id=campaign_id), hours=72)
    held = await made.application(campaign_id=campaign_id)
    ground.ids["held interview"] = await made.interview(held, hours=-1)
    ground.ids["card"] = await made.card(held, new_id(), "handed_in")


class _Made:
    """Rows of one community."""

    def __init__(self, session: AsyncSession, world: World, ground: Ground) -> None:
        self.session, self.world, self.ground = session, world, ground
        self.now = world.harness.clock()

    async def person(self) -> UUID:
        key = new_id()
        add_person(self.session, key, "somebody", self.now)
        await self.session.flush()
        return key

    async def campaign(self) -> UUID:
        campaign_id, self.channel_id = await add_campaign(self.session, self.world, self.ground, "open")
        steps = update(Campaign).where(col(Campaign.id) == campaign_id).values(steps=["form", "interview"])
        await self.session.execute(steps)
        return campaign_id

    async def application(self, person_id: UUID | None = None, campaign_id: UUID | None = None) -> UUID:
        # As if it had not been handed in: the list of applications is a page long.
        made = Application(
            community_id=self.ground.id, campaign_id=campaign_id or await self.campaign(), channel="poster",
            person_id=person_id or await self.person(), channel_id=self.channel_id, form_version=1, answers=ANSWERS,
            state="interviewing", created_at=self.now, updated_at=self.now, step_since=self.now,
        )  # fmt: skip
        self.session.add(made)
        await self.session.flush()
        return made.id

    async def interview(
        self, application_id: UUID, *, hours: float, people: list[UUID] | None = None, offered: bool = False
    ) -> UUID:
        application = await self.session.get_one(Application, application_id)
        begins = self.now + timedelta(hours=hours)
        whose: dict[str, Any] = (
            {"for_application_id": application_id}
            if offered
            else {"application_id": application_id, "status": "chosen", "chosen_at": self.now}
        )
        made = Interview(
            community_id=self.ground.id, campaign_id=application.campaign_id, starts_at=begins,
            ends_at=begins + timedelta(hours=1), wanted=1, created_at=self.now, created_by="system", **whose,
        )  # fmt: skip
        self.session.add(made)
        await self.session.flush()
        for person_id in people or [await self.person()]:
            self.session.add(Interviewer(interview_id=made.id, person_id=person_id))
        await self.session.flush()
        return made.id

    async def card(self, application_id: UUID, person_id: UUID, status: str) -> UUID:
        made = Scorecard(
            community_id=self.ground.id, application_id=application_id, person_id=person_id, status=status,
            handed_in_at=None if status == "draft" else self.now, created_at=self.now, updated_at=self.now,
        )  # fmt: skip
        self.session.add(made)
        await self.session.flush()
        return made.id
