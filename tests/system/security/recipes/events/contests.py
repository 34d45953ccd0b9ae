from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.events.activities.models import Activity
from services.events.contests.models import (
    Contest,
    ContestAttempt,
    ContestCompetitor,
    ContestPaper,
    ContestRegrade,
    ContestTeam,
    ContestTeamMember,
)
from services.events.contests.rules import NO_MARKS
from services.events.papers.models import PaperVersion
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["papers"]
LASTS = timedelta(days=1)
"""Longer than the hour by which who asks comes later than the world was made."""
DEVICE = str(UUID(int=4))
TIMES = {"opens_at": "2190-05-01T01:00:00Z", "closes_at": "2190-05-01T02:00:00Z", "minutes": 30}
SAVED = {"client_id": DEVICE, "answers": [{"number": 1, "sequence": 9}]}

RECIPES = [
    recipe(
        "create_contest",
        body={"activity_id": here("contest activity"), "paper_id": here("paper"), "paper_version": 1} | TIMES,
    ),
    recipe("list_contests", query={"community_id": here(), "limit": 100}, shows=here("contest")),
    recipe("read_contest", here("contest"), shows=here("contest")),
    recipe("update_contest", here("contest draft"), body={"minutes": 20}, version=1),
    recipe("publish_contest", here("contest draft"), version=1),
    recipe("read_contest_board", here("contest"), query={"limit": 100}, shows=here("competitor")),
    recipe("list_contest_attempts", here("contest"), query={"limit": 100}, shows=own("contest attempt")),
    recipe("give_contest_extra_time", here("contest"), body={"member_id": theirs(), "minutes": 10}),
    recipe(
        "begin_contest_attempt",
        body={"contest_id": here("contest to begin"), "client_id": DEVICE},
        whose=OWN,
    ),
    recipe("read_contest_attempt", own("contest attempt"), shows=own("contest attempt")),
    recipe("save_contest_answers", own("contest attempt"), body=SAVED),
    recipe("hand_in_contest_attempt", own("contest attempt"), body={"client_id": DEVICE}),
    recipe("reopen_contest_attempt", theirs("contest attempt handed in"), body={"reason": "误交"}),
    recipe("create_contest_team", body={"contest_id": here("contest of teams"), "name": "红队"}, whose=OWN),
    recipe(
        "make_contest_team",
        here("contest of teams"),
        body={"name": "蓝队", "member_ids": [theirs()]},
    ),
    recipe("list_contest_teams", query={"contest_id": here("contest of teams")}, shows=here("contest team")),
    recipe("read_contest_team", here("contest team"), shows=here("contest team")),
    recipe("join_contest_team", here("contest team"), whose=OWN),
    recipe("leave_contest_team", own("contest team"), whose=OWN),
    recipe("dissolve_contest_team", here("contest team")),
    recipe("create_contest_regrade", here("contest over"), body={"question_ids": [here("question")], "reason": "有误"}),
    recipe("list_contest_regrades", here("contest corrected"), shows=here("regrade")),
    recipe("read_contest_regrade", here("regrade"), shows=here("regrade")),
    recipe("list_contest_regrade_lines", here("regrade")),
    recipe("apply_contest_regrade", here("regrade"), body={}),
    recipe("drop_contest_regrade", here("regrade")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        async def made(community_id: UUID, paper_id: UUID, opens_at: datetime, **facts: Any) -> Contest:
            activity: Activity = an_activity(community_id, now, kind="contest")
            session.add(activity)
            await session.flush()
            kept = await session.get_one(PaperVersion, (paper_id, 1))
            usual: dict[str, Any] = {
                "paper_id": paper_id,
                "paper_version": 1,
                "closes_at": opens_at + LASTS,
                "results_at": opens_at + LASTS,
                "minutes": LASTS // timedelta(minutes=1),
                "entry": "members",
                "teams_by": "members",
                "team_score": "mean",
                "answers_final": True,
                "status": "set",
                "fingerprint": kept.fingerprint,
                "questions": 1,
                "full": 100,
                "created_at": now,
            }
            one = Contest(community_id=community_id, activity_id=activity.id, opens_at=opens_at, **usual | facts)
            session.add(one)
            await session.flush()
            # An earlier version, so that there is something to correct.
            document = _with_version(kept.document, 0) | {"shuffle_choices": False, "shuffle_questions": False}
            session.add(ContestPaper(contest_id=one.id, revision=0, document=document, fingerprint=kept.fingerprint))
            return one

        soon, since, before = now + 30 * LASTS, now - timedelta(minutes=5), now - 2 * LASTS
        for ground in world.grounds.values():
            bare = an_activity(ground.id, now, kind="contest")
            session.add(bare)
            ground.ids["contest activity"] = bare.id
            paper = ground.ids["paper"]
            ground.ids["contest draft"] = (await made(ground.id, paper, soon, status="draft")).id
            ground.ids["contest"] = (await made(ground.id, paper, since)).id
            ground.ids["contest to begin"] = (await made(ground.id, paper, since)).id
            ground.ids["contest handed in"] = (await made(ground.id, paper, since)).id
            ground.ids["contest of teams"] = (await made(ground.id, paper, soon, team_size=20)).id
            ground.ids["contest of own teams"] = (await made(ground.id, paper, soon, team_size=2)).id
            ground.ids["contest over"] = (await made(ground.id, paper, before, status="over")).id
            corrected = await made(ground.id, paper, before, status="over")
            ground.ids["contest corrected"] = corrected.id
            team = ContestTeam(
                community_id=ground.id,
                contest_id=ground.ids["contest of teams"],
                name="绿队",
                created_by_id=ground.ids["editor"],
                created_at=now,
            )
            regrade = ContestRegrade(
                community_id=ground.id,
                contest_id=corrected.id,
                status="tried",
                reason="有误",
                corrected=[],
                document=(await session.get_one(ContestPaper, (corrected.id, 0))).document,
                fingerprint=corrected.fingerprint,
                asked_by_id=ground.ids["editor"],
                created_at=now,
            )
            session.add_all([team, regrade])
            ground.ids["contest team"], ground.ids["regrade"] = team.id, regrade.id
        await session.flush()

        async def attempt(contest_id: UUID, community_id: UUID, member_id: UUID, **facts: Any) -> UUID:
            line = ContestCompetitor(
                contest_id=contest_id, who_id=member_id, reached_at=NO_MARKS, on_board=True, board_reached_at=NO_MARKS
            )
            session.add(line)
            await session.flush()
            one = ContestAttempt(
                community_id=community_id,
                contest_id=contest_id,
                member_id=member_id,
                competitor_id=line.id,
                client_id=UUID(DEVICE),
                seed="ab" * 32,
                asked=[str(questions[community_id])],
                started_at=now,
                ends_at=now + LASTS - timedelta(minutes=5),
                **facts,
            )
            session.add(one)
            return one.id

        questions = {ground.id: ground.ids["question"] for ground in world.grounds.values()}
        members = {player.member_id for player in world.members}
        for ground in world.grounds.values():
            ground.ids["competitor"] = ground.ids["editor"]
            if ground.ids["editor"] not in members:
                await attempt(ground.ids["contest"], ground.id, ground.ids["editor"])
        for player in world.members:
            assert player.member_id is not None
            ground, me = player.ground, player.member_id
            player.own["contest attempt"] = await attempt(ground.ids["contest"], ground.id, me)
            done = await attempt(
                ground.ids["contest handed in"], ground.id, me, handed_in_at=now, handed_in_by="member"
            )
            player.own["contest attempt handed in"] = done
            contest_id = ground.ids["contest of own teams"]
            team = ContestTeam(
                community_id=ground.id,
                contest_id=contest_id,
                name=f"队{me}"[:60],
                size=1,
                created_by_id=me,
                created_at=now,
            )
            session.add(team)
            await session.flush()
            session.add(ContestTeamMember(contest_id=contest_id, member_id=me, team_id=team.id))
            player.own["contest team"] = team.id


def _with_version(document: Any, version: int) -> Any:
    sections = [
        section
        | {
            "pools": [
                pool | {"questions": [one | {"version": version} for one in pool["questions"]]}
                for pool in section["pools"]
            ]
        }
        for section in document["sections"]
    ]
    return document | {"sections": sections}
