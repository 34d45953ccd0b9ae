from typing import Any

from services.membership.applications.models import Application
from tests.service.membership.scene import ANSWERS
from tests.system.security.casts.membership import FAR
from tests.system.security.recipe import OWN, here, import_recipes, own, recipe, theirs
from tests.system.security.recipes.membership.campaigns import add_campaign
from tests.system.security.world import World

NEW = {"token": here("link"), "answers": ANSWERS}
REJECTED = {"outcome": "rejected", "reason": "委员会"}
INCOMPLETE = {"what": "请补充"}

RECIPES = [
    recipe("create_application", body=NEW, whose=OWN, also={"external": 403}, why="this campaign is for employees"),
    recipe("list_applications", query={"community_id": here(), "limit": 100}, shows=own("submitted")),
    recipe("read_application", own("submitted")),
    recipe("save_application", own("draft"), body={"answers": ANSWERS}, version=1),
    recipe("submit_application", own("draft"), body={}),
    recipe("resubmit_application", own("returned"), body={}),
    recipe("request_application_review", own("knocked_out")),
    recipe("withdraw_application", own("submitted")),
    recipe("decline_seat", own("accepted")),
    recipe("return_application", theirs("submitted"), body=INCOMPLETE),
    recipe("advance_application", theirs("submitted")),
    recipe("decide_application", theirs("submitted"), body=REJECTED),
    recipe(
        "batch_applications",
        body={"ids": [theirs("submitted")]},
        variants={
            "decide": {"action": "decide", **REJECTED},
            "advance": {"action": "advance"},
            "return": {"action": "return", **INCOMPLETE},
        },
        per_item=True,
    ),
    recipe("read_campaign_board", here("campaign_open")),
    recipe("read_campaign_board", here("campaign_draft")),
    recipe("list_applications", query={"campaign_id": here("campaign_draft")}),
    *import_recipes(
        "applications_import",
        start="import_applications",
        template="read_applications_template",
        query={"community_id": here()},
        started_in={"campaign_id": here("campaign_closed")},
        ndjson='{"channel":"poster","day":"2024-03-01","visits":3}',
    ),
]


async def prepare(world: World) -> None:
    """One of everybody's for each state."""
    now = world.harness.clock()
    states: dict[str, dict[str, Any]] = {
        "draft": {},
        "submitted": {"submitted_at": now},
        "returned": {"submitted_at": now, "returned_what": "请补充", "returned_until": FAR},
        "knocked_out": _decided("rejected", now) | {"knocked_out": True},
        "accepted": _decided("accepted", now) | {"live": True},
    }
    async with world.transaction() as session:
        for ground in (world.home, world.twin.ground):
            for name, state in states.items():
                campaign_id, channel_id = await add_campaign(session, world, ground, "open")
                for player in (one for one in world.people if one.ground is ground):
                    application = Application(
                        community_id=ground.id, campaign_id=campaign_id, person_id=player.person_id, channel="poster",
                        channel_id=channel_id, form_version=1, answers=ANSWERS, created_at=now, updated_at=now,
                        step_since=now, member_id=player.member_id if name == "accepted" else None,
                        **{"state": name} | state,
                    )  # fmt: skip
                    session.add(application)
                    player.own[name] = application.id
    await world.jobs_of_everybody("applications_import", "applications.import", of_community=True)


def _decided(outcome: str, now: Any) -> dict[str, Any]:
    moments = dict.fromkeys(("submitted_at", "decided_at", "release_at", "released_at"), now)
    return {
        "state": "decided", "outcome": outcome, "released_outcome": outcome, "decided_by": "system",
        "decided_from": "submitted", "live": False, **moments,
    }  # fmt: skip
