"""A request goes through the gateway to its service, and the answer back."""

import asyncio

import httpx
import pytest

from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import listening, person
from tests.support.waiting import PATIENCE, eventually


async def test_a_request_reaches_its_service_as_it_was_sent(scene: Scene):
    answer = await scene.send(
        "PATCH", "/v1/articles/7?a=%E5%BC%A0&a=2", person(), json={"title": "学"}, headers={"If-Match": '"3"'}
    )
    seen = scene["content"].seen[0]
    assert (answer.status_code, seen.method, seen.path, seen.query) == (
        200,
        "PATCH",
        "/v1/articles/7",
        b"a=%E5%BC%A0&a=2",
    )
    assert seen.body == '{"title":"学"}'.encode()
    assert seen.header("if-match") == '"3"'


async def test_the_token_goes_on_unchanged_and_nothing_else_says_who_asks(scene: Scene):
    sent = await scene.get(
        "/v1/wallets/1", person(), **{"X-User-Id": "admin", "X_Person_Id": "admin", "X-Forwarded-User": "a"}
    )
    names = {name for name, _ in scene["gamification"].seen[0].headers}
    assert scene["gamification"].seen[0].header("authorization") == sent.request.headers["authorization"]
    assert names <= {
        "host", "accept", "accept-encoding", "accept-language", "user-agent", "authorization", "x-request-id",
        "x-forwarded-for", "x-forwarded-proto",
    }  # fmt: skip


async def test_services_are_told_one_address(scene: Scene):
    await scene.get("/v1/people", **{"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"})
    assert scene["membership"].seen[0].header("x-forwarded-for") == "203.0.113.9"
    assert scene["membership"].seen[0].header("x-forwarded-proto") == "http"


async def test_a_trusted_proxy_is_believed(begin: Begin):
    scene = begin(trusted_proxies=("203.0.113.0/24",))
    await scene.get("/v1/people", **{"X-Forwarded-For": "1.2.3.4, 198.51.100.7"})
    assert scene["membership"].seen[0].header("x-forwarded-for") == "198.51.100.7"


async def test_a_request_has_one_id_everywhere(scene: Scene):
    answer = await scene.get("/v1/people", **{"X-Request-Id": "from-the-client-1"})
    assert answer.headers["x-request-id"] == scene["membership"].seen[0].header("x-request-id") == "from-the-client-1"


async def test_an_id_that_could_forge_a_log_line_is_replaced(scene: Scene):
    answer = await scene.get("/v1/people", **{"X-Request-Id": 'x" level="error'})
    assert answer.headers["x-request-id"].isalnum()


async def test_answers_lose_what_was_meant_for_the_gateway_alone(scene: Scene):
    scene["content"].answers["/v1/ideas"] = (
        200, {"Connection": "X-Inner", "X-Inner": "1", "Server": "inner", "X-Request-Id": "inner", "ETag": '"4"'}, b"ok",
    )  # fmt: skip
    answer = await scene.get("/v1/ideas")
    assert "x-inner" not in answer.headers
    assert "server" not in answer.headers
    assert answer.headers.get_list("x-request-id") != ["inner"]
    assert len(answer.headers.get_list("x-request-id")) == 1
    assert answer.headers["etag"] == '"4"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/internal/audit", "/v1/people/../../internal/audit", "/v1/people/%2f"]
)
async def test_what_is_nobodys_reaches_nobody(scene: Scene, path: str):
    url = httpx.URL("http://gateway").copy_with(raw_path=path.encode())
    answer = await scene.client.get(url)
    assert answer.status_code in {400, 404}
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(service.started for service in scene.services.values())


async def test_methods_that_no_service_has_are_refused(scene: Scene):
    assert (await scene.send("TRACE", "/v1/people")).status_code == 405


async def test_a_service_that_is_not_there_is_named_in_both_languages(begin: Begin):
    scene = begin(without=("events",))
    english = await scene.get("/v1/activities")
    chinese = await scene.get("/v1/activities", **{"Accept-Language": "zh"})
    assert (english.status_code, english.json()["code"], english.json()["service"]) == (
        503,
        "service_unavailable",
        "events",
    )
    assert english.headers["retry-after"] == "2"
    assert chinese.json()["title"] == "暂时无法连接该服务"
    assert (await scene.get("/v1/ideas")).status_code == 200


async def test_an_answer_streams(scene: Scene):
    second = asyncio.Event()

    async def in_two_pieces(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await second.wait()
        await send({"type": "http.response.body", "body": b"second"})

    scene["content"].behaves = in_two_pieces
    async with (
        listening(scene.gateway) as port,
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/v1/archives/1") as answer,
    ):
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"first"
        second.set()
        assert await anext(pieces) == b"second"


async def test_an_upload_streams(scene: Scene):
    arrived: list[bytes] = []

    async def reading(_scope, receive, send):
        while True:
            message = await receive()
            arrived.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def pieces():
        yield b"a" * 1000
        await eventually(lambda: sum(map(len, arrived)) >= 1000)
        yield b"b" * 1000

    scene["gamification"].behaves = reading
    async with listening(scene.gateway) as port, httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/v1/checkins/imports", content=pieces())
    assert answer.status_code == 202
    assert b"".join(arrived) == b"a" * 1000 + b"b" * 1000


async def test_a_service_that_does_not_answer_is_504_and_says_what_to_do(begin: Begin):
    scene = begin(deadline_seconds=0.3)

    async def silent(_scope, receive, _send):
        await receive()
        await asyncio.Event().wait()

    scene["gamification"].behaves = silent
    read = await scene.get("/v1/wallets/1")
    write = await scene.send("POST", "/v1/checkins", json={}, headers={"Accept-Language": "en"})
    chinese = await scene.send("POST", "/v1/checkins", json={}, headers={"Accept-Language": "zh-CN"})
    assert (read.status_code, write.status_code) == (504, 504)
    assert "unknown" in write.json()["detail"]
    assert "same Idempotency-Key" in write.json()["detail"]
    assert "结果未知" in chinese.json()["detail"]
    assert scene["gamification"].cancelled == ["/v1/wallets/1", "/v1/checkins", "/v1/checkins"]


async def test_a_service_that_fails_is_a_500_without_its_secrets(scene: Scene):
    async def failing(_scope, _receive, _send):
        raise RuntimeError("a secret")

    scene["gamification"].behaves = failing
    answer = await scene.get("/v1/wallets/1")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


async def test_a_service_that_keeps_failing_is_left_alone_for_a_moment(begin: Begin, monkeypatch):
    scene = begin(deadline_seconds=0.1)

    async def silent(_scope, _receive, _send):
        await asyncio.Event().wait()

    scene["gamification"].behaves = silent
    statuses = [(await scene.get("/v1/wallets/1")).status_code for _ in range(6)]
    assert statuses == [504, 504, 504, 504, 504, 503]
    monkeypatch.setattr(scene.gateway.proxy, "_deadline", PATIENCE)  # this one answers, however slowly
    assert (await scene.get("/v1/ideas")).status_code == 200


async def test_a_read_whose_client_left_is_given_up(scene: Scene):
    async def silent(_scope, _receive, _send):
        await asyncio.Event().wait()

    scene["content"].behaves = silent
    async with listening(scene.gateway) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /v1/ideas HTTP/1.1\r\nHost: a\r\n\r\n")
        await eventually(lambda: scene["content"].started)
        writer.close()
        await eventually(lambda: scene["content"].cancelled == ["/v1/ideas"])


async def test_pages_elsewhere_may_read_answers_only_where_allowed(begin: Begin):
    scene = begin(allowed_origins=("https://app.example.com",))
    asked = {"Access-Control-Request-Method": "POST"}
    allowed = await scene.send("OPTIONS", "/v1/people", headers={"Origin": "https://app.example.com", **asked})
    refused = await scene.send("OPTIONS", "/v1/people", headers={"Origin": "https://evil.example.com", **asked})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "idempotency-key" in allowed.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-methods" not in refused.headers
    read = await scene.get("/v1/people", Origin="https://app.example.com")
    assert read.headers["access-control-allow-origin"] == "https://app.example.com"
    assert read.headers["vary"] == "Origin"


async def test_by_default_no_page_elsewhere_may(scene: Scene):
    answer = await scene.get("/v1/people", Origin="https://app.example.com")
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_head_is_answered_like_get_without_the_body(scene: Scene):
    got, head = await scene.get("/v1/people"), await scene.send("HEAD", "/v1/people")
    assert [seen.method for seen in scene["membership"].seen] == ["GET", "GET"]
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert got.content
    assert head.headers.keys() == got.headers.keys()


@pytest.mark.parametrize("path", ["/docs", "/asyncapi.json", "/livez"])
async def test_head_works_for_what_the_gateway_answers_itself(scene: Scene, path: str):
    head = await scene.send("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
