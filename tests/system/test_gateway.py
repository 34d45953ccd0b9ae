"""The gateway in the running product, in one process and before services of their own."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.support.waiting import PATIENCE, eventually_sync
from tests.system.api import Api
from tests.system.stacks import STARTS, WAYS, Stack

PASSWORD = "a password of their own"


@pytest.fixture(scope="module", params=WAYS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with STARTS[request.param](tmp_path_factory.mktemp("gateway")) as running:
        yield running


def somebody(admin: Api) -> tuple[str, Api]:
    """A person with an account, and their client."""
    name = f"p{uuid4().hex[:10]}"
    person = admin.post("/v1/people", {"display_name": "张伟", "email": f"{name}@example.com", "kind": "employee"})
    code = admin.post(f"/v1/people/{person['id']}/activation")["code"]
    with Api(admin.url) as anyone:
        anyone.post("/v1/activations", {"code": code, "password": PASSWORD})
        return person["id"], anyone.log_in(f"{name}@example.com", PASSWORD)


def a_community(admin: Api) -> str:
    created = admin.post(
        "/v1/communities",
        {"slug": f"c{uuid4().hex[:10]}", "name": "社群", "kind": "training", "time_zone": "Asia/Shanghai"},
    )
    community_id: str = created["id"]
    return community_id


def asked_for_revocations(stack: Stack, admin: Api) -> int:
    """How often membership has answered the gateway's question who may no longer come in."""
    if stack.compose is None:
        figures = admin.client.get("/metrics").text
    else:
        port = stack.compose.environment("membership-api")["QUNXUE_OPS_PORT"]
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=PATIENCE).text
    lines = [line for line in figures.splitlines() if line.startswith("qunxue_requests_total{")]
    return sum(
        int(float(line.split()[-1])) for line in lines if 'route="/v1/revocations"' in line and 'status="200"' in line
    )


def test_a_suspended_person_is_refused_by_every_service_as_soon_as_the_gateway_has_asked(stack: Stack):
    with stack.admin() as admin:
        person_id, client = somebody(admin)
        path = f"/v1/checkins?community_id={a_community(admin)}"
        before = client.client.get(path).status_code
        admin.post(f"/v1/people/{person_id}/suspend")
        asked = asked_for_revocations(stack, admin)
        assert asked

        def refused() -> bool:
            # The answer to the first question may be from before, that to the second is known when it asks a third time.
            heard = asked_for_revocations(stack, admin) - asked >= 3
            # The gateway alone: a path of a service that hears of it only by message.
            refused = client.client.get("/v1/ideas").status_code == 401
            if heard and not refused:
                pytest.fail("the gateway has asked three times, and still lets them in")
            return refused

        eventually_sync(refused, what="refused")
        answer = client.client.get("/v1/ideas")
        client.client.close()
    assert before in {200, 403, 404}
    assert answer.json()["code"] == "session_revoked"


def test_operators_see_every_service(stack: Stack):
    with stack.admin() as admin:
        status = admin.until("/status", lambda found: found["status"] == "ok")
        assert [one["service"] for one in status["services"] if one["figures"] is None] == []
        assert "qunxue_requests_total" in admin.client.get("/metrics").text
        _, client = somebody(admin)
        with client:
            assert client.client.get("/status").status_code == 403


def test_the_documents_are_whole(stack: Stack):
    with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client:
        document = client.get("/openapi.json").json()
        page = client.get("/docs")
    assert "x-missing" not in document
    assert {"/v1/people", "/v1/wallets/{member_id}", "/v1/me/home", "/v1/audit"} <= set(document["paths"])
    assert page.status_code == 200


def test_home_has_what_each_service_knows(stack: Stack):
    with stack.admin() as admin:
        community_id = a_community(admin)
        home = admin.until("/v1/me/home", lambda found: found["missing"] == [], community_id=community_id)
    assert home["membership"]["roles"] == ["owner"]
    assert home["wallet"]["member_id"] == home["membership"]["member_id"]
    assert home["checkin"]["checked_in"] is False


@pytest.mark.parametrize("stack", WAYS[1:], indirect=True)
def test_a_service_that_is_down_takes_only_its_own_part_away(stack: Stack):
    assert stack.compose is not None
    with stack.admin() as admin:
        community_id = a_community(admin)
        admin.until("/v1/me/home", lambda found: found["missing"] == [], community_id=community_id)
        service = stack.compose.process("gamification-api")
        service.kill()
        home = admin.get("/v1/me/home", community_id=community_id)
        assert (home["missing"], home["wallet"]) == (["gamification"], None)
        assert home["person"] is not None
        refused = admin.client.get(f"/v1/checkins?community_id={community_id}")
        assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
        assert admin.get("/v1/audit")["missing"] == ["gamification"]
        service.start()
        admin.until("/v1/me/home", lambda found: found["missing"] == [], community_id=community_id)


@pytest.mark.parametrize("stack", WAYS[1:], indirect=True)
def test_the_ops_port_shows_the_same_without_a_token(stack: Stack):
    assert stack.compose is not None
    port = stack.compose.environment("gateway")["QUNXUE_OPS_PORT"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        status = eventually_sync(
            lambda: (found := client.get("/status").json())["status"] == "ok" and found, what="all is well"
        )
    assert [one["service"] for one in status["services"] if one["figures"] is None] == []
