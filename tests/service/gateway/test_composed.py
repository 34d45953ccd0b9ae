"""What the gateway puts together from several services."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl
from uuid import UUID

import httpx
import pytest

from chassis.ids import new_id
from chassis.problems import FORBIDDEN, NOT_FOUND, SESSION_REVOKED, problem_response
from chassis.turns import Turns
from gateway.ops import create_ops_app
from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import Seen, person, service

COMMUNITY = new_id()
MEMBER = new_id()


CHECKIN = {
    "today": "2026-11-21", "time_zone": "Asia/Shanghai", "checked_in": True, "checkin_id": str(MEMBER),
    "streak": {"current": 3}, "next_milestone": 7,
}  # fmt: skip
DOWN = (503, {}, b"")


def with_a_member(scene: Scene) -> Scene:
    scene.membership.answers["/internal/home"] = {
        "person": {"display_name": "张伟"},
        "membership": {"member_id": str(MEMBER)},
    }
    scene["gamification"].answers["/internal/home"] = {"wallet": {"points": 15}, "checkin": CHECKIN}
    return scene


async def home(scene: Scene, caller: Any = None) -> dict[str, Any]:
    answer = await scene.get(f"/v1/me/home?community_id={COMMUNITY}", caller or person())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_home_has_its_parts(scene: Scene):
    body = await home(with_a_member(scene))
    assert body["person"]["display_name"] == "张伟"
    assert body["membership"]["member_id"] == str(MEMBER)
    assert body["wallet"] == {"points": 15}
    assert body["checkin"]["checked_in"] is True
    assert body["checkin"]["checkin_id"] == str(MEMBER)
    assert body["missing"] == []
    assert (body["tasks"], body["unread"], body["upcoming"], body["goals"]) == (None, None, None, None)


async def test_home_counts_the_inbox_beside_what_is_unread_in_discussions(scene: Scene):
    with_a_member(scene).membership.answers["/internal/home"]["notifications"] = {"unread": 3}
    body = await home(scene)
    assert (body["unread"], body["notifications"]) == (None, {"unread": 3})
    scene["content"].answers["/internal/home"] = {"unread": {"discussions": 2, "announcements": 1, "feedback": 0}}
    assert (await home(scene))["unread"] == {"discussions": 2, "announcements": 1, "feedback": 0, "notifications": 3}


async def test_home_has_the_tasks_of_all_services_that_are_due_first(scene: Scene):
    def task(n: int, due_at: str | None) -> dict[str, Any]:
        return {"code": f"t{n}", "title": "t", "due_at": due_at, "href": "/v1/x"}

    with_a_member(scene)["content"].answers["/internal/home"] = {
        "tasks": [task(n, f"2026-11-2{9 - n}T00:00:00Z") for n in range(4)]
    }
    scene.membership.answers["/internal/home"]["tasks"] = [
        task(8, None),
        task(9, "2026-11-01T00:00:00Z"),
        task(7, None),
    ]
    assert [one["code"] for one in (await home(scene))["tasks"]] == ["t9", "t3", "t2", "t1", "t0"]


async def test_every_service_is_asked_once_as_the_caller(scene: Scene):
    answer = await with_a_member(scene).get(f"/v1/me/home?community_id={COMMUNITY}", person())
    asked = [[one for one in standin.seen if one.path == "/internal/home"] for standin in scene.services.values()]
    assert [len(seen) for seen in asked] == [1, 1, 1, 1, 1]
    assert {seen.query for (seen,) in asked} == {f"community_id={COMMUNITY}".encode()}
    assert {seen.header("authorization") for (seen,) in asked} == {answer.request.headers["authorization"]}
    assert {seen.header("x-request-id") for (seen,) in asked} == {answer.headers["x-request-id"]}


async def test_a_service_that_has_no_such_parts_is_not_asked_for_them_again_at_once(scene: Scene, monkeypatch):
    with_a_member(scene)["events"].answers["/internal/home"] = (204, {}, b"")
    for _ in range(2):
        assert (await home(scene))["missing"] == []
    asked = {name: len([one for one in at.seen if one.path == "/internal/home"]) for name, at in scene.services.items()}
    assert asked == {"membership": 2, "gamification": 2, "content": 2, "events": 1, "analytics": 2}
    monkeypatch.setattr("gateway.parts.NOTHING_SECONDS", 0.0)
    scene["content"].answers["/internal/home"] = (204, {}, b"")
    for _ in range(2):
        await home(scene)
    assert len([one for one in scene["content"].seen if one.path == "/internal/home"]) == 4


@pytest.mark.parametrize(
    ("down", "lost"), [("gamification", {"wallet", "checkin"}), ("membership", {"person", "membership"})]
)
async def test_a_service_that_is_down_is_named_and_the_parts_of_the_others_are_there(
    scene: Scene, down: str, lost: set[str]
):
    with_a_member(scene)[down].answers["/internal/home"] = DOWN
    body = await home(scene)
    assert body["missing"] == [down]
    assert {part for part in ("person", "membership", "wallet", "checkin") if body[part] is None} == lost


async def test_one_who_is_no_member_has_no_wallet_and_nothing_is_missing(scene: Scene):
    scene.membership.answers["/internal/home"] = {"person": {"display_name": "A"}, "membership": None}
    body = await home(scene)
    assert (body["membership"], body["wallet"], body["missing"]) == (None, None, [])


async def test_whom_one_service_knows_to_be_nobody_any_more_is_nobody(scene: Scene):
    refused = (401, {"www-authenticate": "Bearer"}, problem_response(SESSION_REVOKED(), "en").body)
    with_a_member(scene)["gamification"].answers["/internal/home"] = refused
    answer = await scene.get(f"/v1/me/home?community_id={COMMUNITY}", person())
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_home_is_for_people_who_have_logged_in(scene: Scene):
    assert (await scene.get(f"/v1/me/home?community_id={COMMUNITY}")).status_code == 401
    assert (await scene.get(f"/v1/me/home?community_id={COMMUNITY}", service())).status_code == 403
    assert (await scene.get("/v1/me/home?community_id=x", person())).status_code == 422
    assert (await scene.get("/v1/me/nothing", person())).json()["code"] == "not_found"


async def test_who_has_the_home_as_it_is_gets_nothing_and_who_has_not_gets_all_of_it(scene: Scene):
    where, caller = f"/v1/me/home?community_id={COMMUNITY}", person()
    first = await with_a_member(scene).get(where, caller)
    tag = first.headers["etag"]
    assert (tag.startswith('W/"'), first.headers["poll-after"]) == (True, "30")
    again = await scene.get(where, caller, **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    scene["gamification"].answers["/internal/home"] = {"wallet": {"points": 16}, "checkin": CHECKIN}
    changed = await scene.get(where, caller, **{"If-None-Match": tag})
    assert (changed.status_code, changed.json()["wallet"]) == (200, {"points": 16})
    assert changed.headers["etag"] != tag


async def test_a_home_of_which_a_part_is_missing_is_nobodys_to_keep(scene: Scene):
    where, caller = f"/v1/me/home?community_id={COMMUNITY}", person()
    with_a_member(scene)["gamification"].answers["/internal/home"] = (503, {}, b"")
    answer = await scene.get(where, caller, **{"If-None-Match": "*"})
    assert (answer.status_code, "etag" in answer.headers, answer.json()["missing"]) == (200, False, ["gamification"])


async def test_who_is_nobody_any_more_is_not_told_that_nothing_changed(scene: Scene):
    where, caller = f"/v1/me/home?community_id={COMMUNITY}", person()
    tag = (await with_a_member(scene).get(where, caller)).headers["etag"]
    refused = (401, {"www-authenticate": "Bearer"}, problem_response(SESSION_REVOKED(), "en").body)
    scene["gamification"].answers["/internal/home"] = refused
    assert (await scene.get(where, caller, **{"If-None-Match": tag})).status_code == 401


# --- tasks and desk ------------------------------------------------------------------------------------------------


def task(title: str, due_at: str | None = None) -> dict[str, Any]:
    return {
        "code": "c",
        "title": title,
        "due_at": due_at,
        "community": None,
        "count": 1,
        "href": "/v1/x",
        "object": None,
    }


async def test_what_waits_for_the_caller_comes_from_all_services_by_due_date(scene: Scene):
    for standin in scene.services.values():
        standin.answers["/internal/tasks"] = []
    whenever, later, soon = (
        task("whenever"),
        task("later", "2027-01-02T00:00:00Z"),
        task("soon", "2027-01-01T00:00:00Z"),
    )
    scene.membership.answers["/internal/tasks"] = [whenever, later]
    scene["events"].answers["/internal/tasks"] = [soon]
    scene["content"].answers["/internal/tasks"] = DOWN
    answer = await scene.get("/v1/me/tasks", person())
    assert answer.json() == {"items": [soon, later, whenever], "missing": ["content"]}


def queue(code: str) -> dict[str, Any]:
    return {"count": 2, "oldest_at": None, "overdue": 0, "href": "/v1/x", "code": code, "title": code}


async def test_the_desk_has_the_queues_of_all_services(scene: Scene):
    for standin in scene.services.values():
        standin.answers["/internal/desk"] = []
    scene.membership.answers["/internal/desk"] = [queue("a")]
    scene["events"].answers["/internal/desk"] = [queue("b")]
    answer = await scene.get(f"/v1/desk?community_id={COMMUNITY}", person())
    assert answer.json() == {"items": [queue("a"), queue("b")], "missing": []}
    # Its copy of the roster may be a moment behind.
    scene["events"].answers["/internal/desk"] = (403, {}, b"{}")
    answer = await scene.get(f"/v1/desk?community_id={COMMUNITY}", person())
    assert answer.json() == {"items": [queue("a")], "missing": ["events"]}


async def test_the_desk_refuses_whom_every_service_refuses(scene: Scene):
    for standin in scene.services.values():
        standin.answers["/internal/desk"] = (404, {}, problem_response(NOT_FOUND(), "en").body)
    answer = await scene.get(f"/v1/desk?community_id={COMMUNITY}", person())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_tasks_are_for_people_and_the_desk_for_who_has_its_scope(scene: Scene):
    for path, caller, status in [
        ("/v1/me/tasks", None, 401), ("/v1/me/tasks", service("desk.read"), 403),
        (f"/v1/desk?community_id={COMMUNITY}", None, 401), (f"/v1/desk?community_id={COMMUNITY}", service(), 403),
        ("/v1/desk", person(), 422),
    ]:  # fmt: skip
        assert (await scene.get(path, caller)).status_code == status


# --- the audit -----------------------------------------------------------------------------------------------------

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Trail:
    """A service's audit, answered as the chassis answers it: newest first, pages by cursor, `before` exclusive."""

    def __init__(self, moments: list[datetime]) -> None:
        entries: list[dict[str, Any]] = [
            {
                "id": str(new_id()), "at": moment.isoformat(), "actor": "system", "on_behalf_of": None, "action": "a",
                "object_kind": "k", "object_id": None, "community_id": None, "changes": {}, "request_id": None,
            }
            for moment in moments
        ]  # fmt: skip
        self.entries = sorted(entries, key=lambda one: (str(one["at"]), UUID(str(one["id"])).int), reverse=True)

    def __call__(self, seen: Seen) -> dict[str, Any]:
        query = {key: values[0] for key, values in parse_qs(seen.query.decode()).items()}
        found = [one for one in self.entries if "before" not in query or str(one["at"]) < query["before"]]
        start, limit = int(query.get("cursor", 0)), int(query["limit"])
        following = str(start + limit) if len(found) > start + limit else None
        return {"items": found[start : start + limit], "next": following}


def with_trails(scene: Scene) -> list[str]:
    """Sets up a trail in every service; returns the ids in the order of the whole."""
    everything: list[dict[str, Any]] = []
    for number, standin in enumerate(scene.services.values()):
        moments = [START + timedelta(minutes=n * (number + 1)) for n in range(20)] + [START + timedelta(hours=1)] * 12
        trail = Trail(moments)
        standin.answers["/internal/audit"] = trail
        everything += trail.entries
    return [one["id"] for one in sorted(everything, key=lambda one: (one["at"], UUID(one["id"]).int), reverse=True)]


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
async def test_the_trail_of_all_services_is_one_and_nothing_is_lost_between_pages(scene: Scene, limit: int):
    expected = with_trails(scene)
    caller = person(platform="auditor")
    found: list[str] = []
    cursor = ""
    for _ in range(len(expected) // limit + 2):
        page = (await scene.get(f"/v1/audit?limit={limit}{cursor}", caller)).json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        if limit == 1 and len(found) >= 40:
            assert found == expected[:40]
            return
    assert found == expected


async def test_every_service_is_asked_for_the_same_span_of_the_trail(scene: Scene):
    with_trails(scene)
    answer = await scene.get("/v1/audit?from=2024-03-01&to=2024-03-02T00:00:00Z", person(platform="auditor"))
    assert answer.status_code == 200, answer.text
    for standin in scene.services.values():
        (asked,) = [seen for seen in standin.seen if seen.path == "/internal/audit"]
        query = dict(parse_qsl(asked.query.decode()))
        assert (query["from"], query["to"]) == ("2024-03-01", "2024-03-02T00:00:00+00:00")


async def test_an_entry_says_which_service_wrote_it(scene: Scene):
    with_trails(scene)
    page = (await scene.get("/v1/audit?limit=100", person(platform="admin"))).json()
    assert {one["service"] for one in page["items"]} == set(scene.services)
    assert page["missing"] == []


async def test_filters_go_to_the_services(scene: Scene):
    with_trails(scene)
    await scene.get(f"/v1/audit?actor=system&community_id={COMMUNITY}", person(platform="admin"))
    query = scene["events"].seen[0].query
    assert b"actor=system" in query
    assert f"community_id={COMMUNITY}".encode() in query


async def test_a_service_that_is_down_is_named(scene: Scene):
    with_trails(scene)
    scene["events"].answers["/internal/audit"] = (503, {}, b"")
    page = (await scene.get("/v1/audit", person(platform="admin"))).json()
    assert page["missing"] == ["events"]
    assert len(page["items"]) == 20


async def test_a_cursor_is_the_callers_own_and_untouched(scene: Scene):
    with_trails(scene)
    caller = person(platform="auditor")
    cursor = (await scene.get("/v1/audit?limit=1", caller)).json()["next"]
    assert (await scene.get(f"/v1/audit?cursor={cursor}", person(platform="auditor"))).json()[
        "code"
    ] == "cursor_invalid"
    assert (await scene.get(f"/v1/audit?cursor={cursor[:-4]}AAAA", caller)).status_code == 400


async def test_what_membership_refuses_is_refused(scene: Scene):
    for standin in scene.services.values():
        standin.answers["/internal/audit"] = (403, {}, problem_response(FORBIDDEN(), "en").body)
    answer = await scene.get("/v1/audit", person())
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await scene.get("/v1/audit")).status_code == 401


# --- how it is doing -----------------------------------------------------------------------------------------------

FIGURES = {
    "service": "x", "ready": True, "outbox_backlog": 4, "outbox_age_seconds": 0.5, "follows": [], "dead_letters": 2,
    "jobs_waiting": 0, "timers_overdue_seconds": 0,
}  # fmt: skip


def with_figures(scene: Scene) -> None:
    for name, standin in scene.services.items():
        standin.answers["/internal/status"] = FIGURES | {"service": name}


async def test_status_tells_operators_how_everything_is(scene: Scene):
    with_figures(scene)
    body = (await scene.get("/status", person(platform="admin"))).json()
    assert (body["status"], body["missing"]) == ("ok", [])
    assert body["services"][0]["figures"]["outbox_backlog"] == 4
    assert body["services"][0]["breaker"] == "closed"


async def test_status_says_where_messages_are_missing(scene: Scene):
    with_figures(scene)
    hole = {"state": "waiting", "known_until": None, "noticed_at": "2026-03-02T12:00:00Z", "to_restate": ["member"]}
    topic = {
        "consumer": "gamification",
        "topic": "qunxue.membership",
        "caught_up_at": None,
        "behind_seconds": None,
        "hole": hole,
    }
    scene["gamification"].answers["/internal/status"] = FIGURES | {"service": "gamification", "follows": [topic]}
    body = (await scene.get("/status", service("ops.read"))).json()
    assert body["status"] == "degraded"
    (found,) = [one["figures"]["follows"] for one in body["services"] if one["service"] == "gamification"]
    assert found == [topic]


async def test_status_says_what_is_down(begin: Begin):
    scene = begin(without=("analytics",))
    with_figures(scene)
    body = (await scene.get("/status", service("ops.read"))).json()
    assert (body["status"], body["missing"]) == ("degraded", ["analytics"])


@pytest.mark.parametrize("path", ["/status", "/metrics"])
async def test_operations_people_only(scene: Scene, path: str):
    assert (await scene.get(path)).status_code == 401
    assert (await scene.get(path, person())).status_code == 403
    assert (await scene.get(path, service("people.read"))).status_code == 403


async def test_metrics_count_requests_by_service(scene: Scene):
    await scene.get("/v1/ideas")
    text = (await scene.get("/metrics", service("ops.read"))).text
    assert 'qunxue_requests_total{method="GET",route="content",service="gateway",status="200"}' in text


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_anyone_may_ask_whether_it_lives(begin: Begin, path: str):
    answer = await begin(without=("membership", "content")).get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_in_one_process_with_workers_it_says_which_loop_of_theirs_hangs(scene: Scene):
    turns = Turns()
    turns.last = {"content relay": time.monotonic() - 61, "content jobs": time.monotonic()}
    scene.gateway.runtime.turns = [turns]
    answer = await scene.get("/livez")
    assert (answer.status_code, answer.json()) == (503, {"status": "hanging", "loops": ["content relay"]})
    assert (await scene.get("/readyz")).status_code == 200


async def test_the_ops_port_asks_for_no_token(scene: Scene):
    with_figures(scene)
    transport = httpx.ASGITransport(create_ops_app(scene.gateway.runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
        body = (await client.get("/status")).json()
        assert body["services"][0]["figures"]["dead_letters"] == 2
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
    asked = [seen for seen in scene["content"].seen if seen.path == "/internal/status"]
    assert asked[0].header("authorization")
