"""How each operation of membership that is about communities, recruitment and the roster is tried."""

from datetime import timedelta
from typing import Any

from tests.service.membership.scene import ANSWERS, CHARTER, FORM
from tests.system.security.cast_membership import World
from tests.system.security.matrix import OWN_AND_OTHER, Call, Case, Recipes

communities = Recipes()

FIRST = {"If-Match": '"1"'}
OPENED = {"If-Match": '"2"'}


# --- communities ---------------------------------------------------------------------------------------------------


@communities("create_community")
def create_community(w: World, _c: Case) -> Call:
    body = {"slug": "a-new-one", "name": "新社群", "owner_person_id": str(w.things["fresh"])}
    return Call("POST", "/v1/communities", json=body)


@communities("list_communities")
def list_communities(w: World, c: Case) -> Call:
    return Call("GET", "/v1/communities", params={"limit": 100}, shows=(w.grounds[c.place].id,))


@communities("read_community", names_to_suspended=True)
def read_community(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/communities/{w.grounds[c.place].id}")


@communities("read_community_by_slug")
def read_community_by_slug(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/communities/by-slug/{w.grounds[c.place].slug}")


@communities("list_charters")
def list_charters(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/communities/{w.grounds[c.place].id}/charters")


@communities("read_charter")
def read_charter(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/communities/{w.grounds[c.place].id}/charters/1")


@communities("update_community")
def update_community(w: World, _c: Case) -> Call:
    return Call("PATCH", f"/v1/communities/{w.home.id}", json={"name": "改名"}, headers=OPENED)


@communities("update_community", row="communities.govern", why="operators change neither visibility nor time zone")
def change_visibility(w: World, _c: Case) -> Call:
    return Call("PATCH", f"/v1/communities/{w.home.id}", json={"visibility": "public"}, headers=OPENED)


@communities("open_community")
def open_community(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/communities/{w.home.id}/open", also={409: "it is open already"})


@communities("archive_community")
def archive_community(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/communities/{w.home.id}/archive")


@communities("publish_charter")
def publish_charter(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/communities/{w.home.id}/charters", json=CHARTER | {"vision": "新的愿景"})


@communities("create_cohort")
def create_cohort(w: World, _c: Case) -> Call:
    return Call("POST", "/v1/cohorts", json={"community_id": str(w.home.id), "code": "c2", "name": "二期"})


@communities("list_cohorts")
def list_cohorts(w: World, c: Case) -> Call:
    ground = w.grounds[c.place]
    return Call("GET", "/v1/cohorts", params={"community_id": str(ground.id)}, shows=(ground.cohort_id,))


@communities("read_cohort")
def read_cohort(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/cohorts/{w.grounds[c.place].cohort_id}")


@communities("update_cohort")
def update_cohort(w: World, _c: Case) -> Call:
    return Call("PATCH", f"/v1/cohorts/{w.home.cohort_id}", json={"name": "首期"}, headers=FIRST)


# --- campaigns -----------------------------------------------------------------------------------------------------


@communities("create_campaign")
def create_campaign(w: World, _c: Case) -> Call:
    closes_at = (w.harness.clock() + timedelta(days=9)).isoformat()
    body = {"community_id": str(w.home.id), "title": "秋季", "quota": 3, "closes_at": closes_at}
    return Call("POST", "/v1/campaigns", json=body)


@communities("list_campaigns")
def list_campaigns(w: World, c: Case) -> Call:
    ground = w.grounds[c.place]
    params = {"community_id": str(ground.id), "limit": 100}
    return Call("GET", "/v1/campaigns", params=params, shows=(ground.campaign_id,))


@communities("read_campaign")
def read_campaign(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/campaigns/{w.grounds[c.place].campaign_id}")


@communities("read_campaign_form")
def read_campaign_form(w: World, c: Case) -> Call:
    return Call("GET", f"/v1/campaigns/{w.grounds[c.place].campaign_id}/forms/1")


@communities(
    "read_campaign", "read_campaign_form", row="campaigns.write", why="drafts are seen by operators and owners"
)
def read_draft(w: World, _c: Case) -> Call:
    return Call("GET", f"/v1/campaigns/{w.things['campaign_draft']}")


@communities("update_campaign")
def update_campaign(w: World, _c: Case) -> Call:
    return Call("PATCH", f"/v1/campaigns/{w.things['campaign_draft']}", json={"title": "改名"}, headers=FIRST)


@communities("add_campaign_channel")
def add_campaign_channel(w: World, _c: Case) -> Call:
    body = {"code": "wiki", "name": "内网", "kind": "other"}
    return Call("POST", f"/v1/campaigns/{w.things['campaign_draft']}/channels", json=body)


@communities("add_campaign_form")
def add_campaign_form(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/campaigns/{w.things['campaign_draft']}/forms", json={"form": FORM})


@communities("open_campaign")
def open_campaign(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/campaigns/{w.things['campaign_draft']}/open")


@communities("close_campaign")
def close_campaign(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/campaigns/{w.home.campaign_id}/close")


@communities("archive_campaign")
def archive_campaign(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/campaigns/{w.things['campaign_closed']}/archive")


# --- applications --------------------------------------------------------------------------------------------------


@communities("create_application", whose=("own",))
def create_application(w: World, c: Case) -> Call:
    also = {403: "this campaign is for employees"} if c.who.column == "external" else {}
    body = {"campaign_id": str(w.home.campaign_id), "channel": "poster", "answers": ANSWERS}
    return Call("POST", "/v1/applications", json=body, also=also)


@communities("list_applications", whose=OWN_AND_OTHER)
def list_applications(w: World, c: Case) -> Call | None:
    shown = _application(w, c, "submitted")
    params = {"community_id": str(w.home.id), "limit": 100}
    return Call("GET", "/v1/applications", params=params, shows=(shown,)) if shown else None


@communities("read_application", whose=OWN_AND_OTHER)
def read_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "submitted", "GET", "")


@communities("save_application", whose=OWN_AND_OTHER)
def save_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "draft", "PATCH", "", json={"answers": ANSWERS}, headers=FIRST)


@communities("submit_application", whose=OWN_AND_OTHER)
def submit_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "draft", "POST", "/submit", json={})


@communities("resubmit_application", whose=OWN_AND_OTHER)
def resubmit_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "returned", "POST", "/resubmit", json={})


@communities("request_application_review", whose=OWN_AND_OTHER)
def request_application_review(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "knocked_out", "POST", "/request-review")


@communities("withdraw_application", whose=OWN_AND_OTHER)
def withdraw_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "submitted", "POST", "/withdraw")


@communities("decline_seat", whose=OWN_AND_OTHER)
def decline_seat(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "accepted", "POST", "/decline")


@communities("return_application")
def return_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "submitted", "POST", "/return", json={"what": "请补充"})


@communities("advance_application")
def advance_application(w: World, c: Case) -> Call | None:
    return _on_application(w, c, "submitted", "POST", "/advance")


@communities("decide_application")
def decide_application(w: World, c: Case) -> Call | None:
    decision = {"outcome": "rejected", "reason": "委员会"}
    return _on_application(w, c, "submitted", "POST", "/decide", json=decision)


BATCHES: dict[str, dict[str, Any]] = {
    "decide": {"outcome": "rejected", "reason": "委员会"},
    "advance": {},
    "return": {"what": "请补充"},
}


@communities("batch_applications", variants=tuple(BATCHES))
def batch_applications(w: World, c: Case) -> Call:
    assert c.variant is not None
    body = {"action": c.variant, "ids": [str(_application(w, c, "submitted"))]} | BATCHES[c.variant]
    return Call("POST", "/v1/applications/batch", json=body, per_item=True)


@communities("read_campaign_board")
def read_campaign_board(w: World, _c: Case) -> Call:
    return Call("GET", f"/v1/campaigns/{w.home.campaign_id}/board")


# --- the roster ----------------------------------------------------------------------------------------------------


@communities("list_members", whose=OWN_AND_OTHER)
def list_members(w: World, c: Case) -> Call | None:
    shown = (c.who if c.whose == "own" else w.players["neighbour"]).member_id
    params = {"community_id": str(w.home.id), "limit": 100}
    return Call("GET", "/v1/members", params=params, shows=(shown,)) if shown else None


@communities("read_member", whose=OWN_AND_OTHER)
def read_member(w: World, c: Case) -> Call | None:
    return _on_member(w, c, "GET", "")


@communities("import_members")
def import_members(w: World, _c: Case) -> Call:
    return Call(
        "POST", "/v1/members/imports", params={"community_id": str(w.home.id)}, content=b'{"employee_no":"1"}',
        headers={"Content-Type": "application/x-ndjson"},
    )  # fmt: skip


@communities("read_members_template")
def read_members_template(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/members/imports/template", params={"community_id": str(w.home.id)})


@communities("batch_members")
def move_to_cohort(w: World, _c: Case) -> Call:
    ids = [str(w.players["neighbour"].member_id)]
    body = {"action": "set_cohort", "ids": ids, "cohort_id": str(w.home.cohort_id)}
    return Call("POST", "/v1/members/batch", json=body, per_item=True)


@communities("batch_members", row="members.remove", why="each item is decided as if it had come alone")
def remove_in_batch(w: World, _c: Case) -> Call:
    body = {"action": "remove", "ids": [str(w.players["neighbour"].member_id)], "reason": "违规"}
    return Call("POST", "/v1/members/batch", json=body, per_item=True)


@communities("leave_community", whose=OWN_AND_OTHER)
def leave_community(w: World, c: Case) -> Call | None:
    return _on_member(w, c, "POST", "/leave")


@communities("remove_member")
def remove_member(w: World, c: Case) -> Call | None:
    return _on_member(w, c, "POST", "/remove", json={"reason": "违规"})


@communities("grant_role", variants=("mentor", "lecturer", "moderator", "operator", "owner"))
def grant_role(w: World, c: Case) -> Call:
    return Call("POST", "/v1/role-grants", json={"member_id": str(w.players["neighbour"].member_id), "role": c.variant})


@communities("revoke_role", variants=("mentor", "lecturer", "moderator", "operator", "owner"))
def revoke_role(w: World, c: Case) -> Call:
    return Call("POST", f"/v1/role-grants/{w.things[f'grant_{c.variant}']}/revoke")


@communities("list_role_grants")
def list_role_grants(w: World, _c: Case) -> Call:
    params = {"community_id": str(w.home.id), "limit": 100}
    return Call("GET", "/v1/role-grants", params=params, shows=(w.things["grant_lecturer"],))


@communities("list_role_grants")
def list_role_grants_of_a_member(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/role-grants", params={"member_id": str(w.things["member_lecturer"])})


@communities("read_role_grant")
def read_role_grant(w: World, _c: Case) -> Call:
    return Call("GET", f"/v1/role-grants/{w.things['grant_lecturer']}")


def _application(w: World, c: Case, state: str) -> Any:
    whose = c.who if c.whose == "own" else w.players["neighbour"]
    return whose.own.get(state)


def _on_application(w: World, c: Case, state: str, method: str, verb: str, **options: Any) -> Call | None:
    application_id = _application(w, c, state)
    return Call(method, f"/v1/applications/{application_id}{verb}", **options) if application_id else None


def _on_member(w: World, c: Case, method: str, verb: str, **options: Any) -> Call | None:
    whose = c.who if c.whose == "own" else w.players["neighbour"]
    return Call(method, f"/v1/members/{whose.member_id}{verb}", **options) if whose.member_id else None
