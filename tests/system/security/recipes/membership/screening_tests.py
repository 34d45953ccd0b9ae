from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.frozen import document, fingerprint
from chassis.ids import new_id
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.screening_tests.models import Attempt, FrozenPaper, GivenAnswer, TestRegrade, TestRegradeLine
from tests.service.membership.scene import ANSWERS
from tests.service.membership.testing import paper
from tests.system.security.recipe import OWN, Whose, here, own, recipe, thing
from tests.system.security.recipes.membership.campaigns import a_test, add_campaign
from tests.system.security.world import World

GRADED: tuple[Whose, ...] = ("assigned", "other")
TRUE = {"question_id": "q-true", "sequence": 1, "choices": ["true"]}

RECIPES = [
    recipe("begin_test_attempt", body={"application_id": own("testing"), "client_id": thing("test client")}, whose=OWN),
    recipe("read_test_attempt", own("attempt")),
    recipe("save_test_answers", own("attempt"), body={"client_id": thing("test client"), "answers": [TRUE]}),
    recipe("hand_in_test_attempt", own("attempt"), body={"client_id": thing("test client")}),
    recipe("list_test_attempts", query={"community_id": here()}, shows=here("ungraded")),
    recipe("read_test_answers", own("ungraded"), whose=GRADED),
    recipe("mark_test_answer", own("ungraded"), "q-text", body={"marks": 50}, whose=GRADED),
    recipe("reopen_test_attempt", own("ungraded"), whose=GRADED),
    recipe("give_extra_time", own("ungraded application"), body={"minutes": 15}, whose=GRADED),
    recipe("create_test_regrade", here("campaign_open"), body={"paper_version": 2, "reason": "答案有误"}),
    recipe("list_test_regrades", here("corrected campaign"), shows=here("test regrade")),
    recipe("read_test_regrade", here("test regrade"), shows=here("test regrade")),
    recipe("list_test_regrade_lines", here("test regrade"), shows=here("corrected application")),
    recipe("apply_test_regrade", here("test regrade")),
    recipe("drop_test_regrade", here("test regrade")),
]


async def prepare(world: World) -> None:
    """Everybody has an application in the test, and an attempt of another; the neighbour has one that waits for a grade.

    Everybody grades a campaign of their own, at home.
    """
    now, client = world.harness.clock(), new_id()
    world.things["test client"] = client
    async with world.transaction() as session:
        for ground in (world.home, world.twin.ground):
            paper_id = await _keep_paper(session, ground.id, now)
            players = [one for one in world.people if one.ground is ground]
            for name in ("testing", "attempt"):
                campaign_id, channel_id = await _tested(session, world, ground, paper_id, set())
                for player in players:
                    application = await _application(session, ground.id, campaign_id, channel_id, player.person_id, now)
                    player.own[name] = application.id
                    if name == "attempt":
                        player.own[name] = (await _attempt(session, application, paper_id, client, now)).id
            graders = {one.member_id for one in players if one.member_id is not None}
            for named in (set(), graders):
                campaign_id, channel_id = await _tested(session, world, ground, paper_id, named)
                whose = world.neighbour if ground is world.home else world.twin
                application = await _application(session, ground.id, campaign_id, channel_id, whose.person_id, now)
                attempt = await _attempt(session, application, paper_id, client, now, ungraded=1)
                for held in [one.assigned for one in players] if named else [whose.own, ground.ids]:
                    held["ungraded"], held["ungraded application"] = attempt.id, application.id
            await _correct(session, world, ground, paper_id, now)


async def _correct(session: AsyncSession, world: World, ground: Any, paper_id: UUID, now: datetime) -> None:
    """A correction that was tried, and changes one application."""
    campaign_id, channel_id = await _tested(session, world, ground, paper_id, set())
    whose = world.neighbour if ground is world.home else world.twin
    application = await _application(session, ground.id, campaign_id, channel_id, whose.person_id, now)
    regrade = TestRegrade(
        community_id=ground.id, campaign_id=campaign_id, paper_version=2, before_version=1, status="tried",
        reason="答案有误", looked_at=1, changed=1, asked_by="system", created_at=now,
    )  # fmt: skip
    session.add(regrade)
    await session.flush()
    session.add(TestRegradeLine(regrade_id=regrade.id, application_id=application.id, score_before=0, score=100))
    ground.ids["corrected campaign"], ground.ids["test regrade"] = campaign_id, regrade.id
    ground.ids["corrected application"] = application.id


async def _keep_paper(session: AsyncSession, community_id: UUID, now: datetime) -> UUID:
    first = paper("q-true", "q-text")
    for one in (first, paper("q-true", "q-text", version=2, paper_id=UUID(first.id))):
        kept = document(one)
        session.add(
            FrozenPaper(
                paper_id=UUID(one.id), version=one.version, community_id=community_id, fingerprint=fingerprint(kept),
                document=kept, fetched_at=now,
            )
        )  # fmt: skip
    return UUID(first.id)


async def _tested(
    session: AsyncSession, world: World, ground: Any, paper_id: UUID, graders: set[UUID]
) -> tuple[UUID, UUID]:
    campaign_id, channel_id = await add_campaign(session, world, ground, "open")
    campaign = await session.get_one(Campaign, campaign_id)
    campaign.test = a_test(paper_id, *graders)
    return campaign_id, channel_id


async def _application(
    session: AsyncSession, community_id: UUID, campaign_id: UUID, channel_id: UUID, person_id: UUID, now: datetime
) -> Application:
    application = Application(
        community_id=community_id, campaign_id=campaign_id, person_id=person_id, channel="poster", channel_id=channel_id,
        state="testing", form_version=1, answers=ANSWERS, created_at=now, updated_at=now, submitted_at=now, step_since=now,
    )  # fmt: skip
    session.add(application)
    await session.flush()
    return application


async def _attempt(
    session: AsyncSession,
    application: Application,
    paper_id: UUID,
    client_id: UUID,
    now: datetime,
    *,
    ungraded: int = 0,
) -> Attempt:
    handed: dict[str, Any] = {"handed_in_at": now, "handed_in_by": "applicant", "score": 0, "full": 200}
    attempt = Attempt(
        application_id=application.id, campaign_id=application.campaign_id, community_id=application.community_id,
        person_id=application.person_id, number=1, paper_id=paper_id, paper_version=1, seed="00" * 32, client_id=client_id,
        started_at=now, ends_at=now + timedelta(minutes=60), ungraded=ungraded, **(handed if ungraded else {}),
    )  # fmt: skip
    session.add(attempt)
    application.test_attempts, application.test_attempt_id = 1, attempt.id
    await session.flush()
    if ungraded:
        session.add(
            GivenAnswer(
                attempt_id=attempt.id, question_id="q-text", answer={"texts": ["查得快"]}, sequence=1, received_at=now
            )
        )
    return attempt
