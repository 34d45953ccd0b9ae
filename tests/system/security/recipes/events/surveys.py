from datetime import timedelta
from typing import Any

from services.events.activities.models import Organiser
from services.events.surveys.models import Survey, SurveyAnswer, SurveyInvitee, SurveyText
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import OWN, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Everybody runs the activity that their closed survey is about; nobody owns one."""
MOOD = {"code": "mood", "kind": "score", "title": "气氛如何？"}
MADE = {"title": "五月", "audience": "members", "about": {"kind": "month", "month": "2024-05"}, "questions": [MOOD]}
ANSWER = {"answers": [{"question": "mood", "score": 4}]}

RECIPES = [
    recipe("create_survey", body={"community_id": here()} | MADE),
    recipe("list_surveys", query={"community_id": here()}, shows=own("survey asked")),
    recipe("list_surveys", people_only=True, shows=own("survey asked"), whose=OWN),
    recipe("read_survey", own("survey asked"), shows=own("survey asked")),
    recipe("update_survey", here("survey draft"), body={"title": "六月"}, version=1),
    recipe("open_survey", here("survey draft"), version=1),
    recipe("close_survey", here("survey open")),
    recipe("answer_survey", own("survey asked"), body=ANSWER, whose=OWN),
    recipe("list_survey_answers", here("survey named")),
    recipe("read_survey_results", own("survey run"), whose=RUNS),
    recipe("list_survey_texts", own("survey run"), whose=RUNS),
    recipe("release_survey", own("survey run"), body={}, whose=RUNS),
    recipe("read_survey_policy", query={"community_id": here()}),
    recipe("update_survey_policy", query={"community_id": here()}, body={"members_read": True}, version=1),
]

RESULTS = {"asked": 9, "answered": 6, "questions": [{"code": "mood", "n": 6, "mean": 4.5}]}


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def made(**facts: Any) -> Survey:
            usual: dict[str, Any] = {
                "about_kind": "month",
                "month": "2024-05",
                "title": "五月",
                "audience": "named",
                "anonymity": "named",
                "questions": [MOOD | {"choices": [], "required": True}],
                "status": "open",
                "opened_at": now,
                "closes_at": now + timedelta(days=3),
                "created_at": now,
            }
            one = Survey(**usual | facts)
            session.add(one)
            return one

        for ground in world.grounds.values():
            ground.ids["survey open"] = made(community_id=ground.id).id
            ground.ids["survey named"] = made(community_id=ground.id).id
            ground.ids["survey draft"] = made(community_id=ground.id, status="draft", opened_at=None).id
        for player in world.members:
            assert player.member_id is not None
            run = an_activity(player.ground.id, now, organiser_ids=[str(player.member_id)])
            session.add(run)
            await session.flush()
            asked = made(community_id=player.ground.id, anonymity="anonymous")
            over = made(
                community_id=player.ground.id,
                about_kind="activity",
                about_id=run.id,
                month=None,
                audience="attendees",
                anonymity="anonymous",
                status="closed",
                closed_at=now,
                results=RESULTS,
            )
            await session.flush()
            session.add(SurveyInvitee(survey_id=asked.id, member_id=player.member_id))
            session.add(SurveyText(survey_id=over.id, question="remarks", text="多些练习"))
            given = [{"question": "mood", "score": 4}]
            named = player.ground.ids["survey named"]
            session.add(SurveyAnswer(survey_id=named, member_id=player.member_id, given=given, answered_at=now))
            session.add(Organiser(activity_id=run.id, member_id=player.member_id))
            player.own["survey asked"] = asked.id
            player.own["survey run"] = player.assigned["survey run"] = over.id
