from chassis.ids import new_id
from services.membership.cases.models import Case, ConductReport
from tests.system.security.casts.membership import add_person, add_somebody
from tests.system.security.recipe import OWN, here, recipe, thing
from tests.system.security.world import World

AFTER = ["roster"]
REPORT = {"category": "speech", "words": "刷屏", "object": {"kind": "reply", "id": str(new_id())}}

RECIPES = [
    recipe("report_conduct", body=REPORT | {"community_id": here(), "member_id": here("muted")}, whose=OWN),
    recipe("list_cases", query={"community_id": here(), "limit": 100}, shows=here("case")),
    recipe("read_case", here("case"), shows=here("case")),
    recipe("list_case_reports", here("case"), shows=here("case report")),
    recipe("claim_case", here("case"), version=1),
    recipe(
        "release_case",
        here("claimed case"),
        version=1,
        also={"D": 409},
        why="a moderator gives back what they claimed themselves",
    ),
    recipe(
        "dismiss_case",
        here("claimed case"),
        body={"reason": "无据"},
        version=1,
        also={"everyone": 409},
        why="who claimed it decides",
    ),
    recipe(
        "confirm_case",
        here("claimed case"),
        body={"rule": "minor", "reason": "属实"},
        version=1,
        also={"everyone": 409},
        why="who claimed it decides",
    ),
    recipe("list_cases_without_reviewer", shows=here("case for a reviewer")),
    recipe("appoint_case_reviewer", here("case for a reviewer"), body={"person_id": thing("reviewer to be")}),
]


async def prepare(world: World) -> None:
    """A case that is open, one that somebody else claimed, and one that only a reviewer decides."""
    now = world.harness.clock()
    async with world.transaction() as session:
        world.things["reviewer to be"] = new_id()
        add_person(session, world.things["reviewer to be"], "reviewer to be", now)
        for ground in world.grounds.values():
            reporter_id = await add_somebody(session, ground.id, "reporter", now)
            for name in ("case", "claimed case", "case for a reviewer"):
                claimed = name == "claimed case"
                case = Case(
                    community_id=ground.id,
                    member_id=ground.ids["muted"],
                    object_kind="reply",
                    object_id=new_id(),
                    category="speech",
                    status="claimed" if claimed else "open",
                    claimed_by_id=reporter_id if claimed else None,
                    claimed_at=now if claimed else None,
                    deed_at=now,
                    opened_at=now,
                    reported_at=now,
                    reports=1,
                    for_reviewer=name == "case for a reviewer",
                )
                session.add(case)
                await session.flush()
                report = ConductReport(
                    case_id=case.id,
                    community_id=ground.id,
                    member_id=case.member_id,
                    reporter_id=reporter_id,
                    category="speech",
                    words="刷屏",
                    weight=1000,
                    reported_at=now,
                )
                session.add(report)
                ground.ids[name] = case.id
                ground.ids["case report" if name == "case" else f"{name} report"] = report.id
