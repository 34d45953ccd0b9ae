"""Refusals come in one order, in one form, and change nothing."""

import pytest

from chassis.ids import new_id
from tests.service.chassis.shop import code_of


async def test_a_declared_body_over_the_limit_is_refused_before_the_caller_is_looked_at(shop):
    answer = await shop.anonymous().post("/v1/things", content=b"x" * (1024 * 1024 + 1))
    assert code_of(answer) == (413, "body_too_large")


async def test_a_chunked_body_is_counted_as_it_comes(shop):
    async def endless():
        for _ in range(2000):
            yield b"x" * 1024

    owner = await shop.member("owner")
    assert code_of(await owner.post("/v1/things", content=endless())) == (413, "body_too_large")


async def test_a_body_with_no_length_and_no_encoding_is_counted_too(shop):
    """As one application calls another in the same process."""
    owner = await shop.member("owner")
    request = owner.build_request("POST", "/v1/things", content=b"x" * (1024 * 1024 + 1))
    del request.headers["content-length"]
    assert code_of(await owner.send(request)) == (413, "body_too_large")


async def test_an_operation_sets_its_own_limit(shop):
    owner = await shop.member("owner")
    answer = await owner.post(
        f"/v1/things/imports?community_id={shop.community_id}",
        content=b"x" * 100_001,
        headers={"content-type": "text/csv"},
    )
    assert code_of(answer) == (413, "body_too_large")


async def test_nobody_is_told_what_is_wrong_with_his_body(shop):
    answer = await shop.anonymous().post("/v1/things", json={"nonsense": True})
    assert code_of(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_what_the_token_alone_decides_comes_before_the_body(shop):
    answer = await shop.as_person().post("/v1/things/reset", json={"nonsense": True})
    assert code_of(answer) == (403, "forbidden")
    answer = await shop.as_service("things.read").post("/v1/things", json={"nonsense": True})
    assert code_of(answer) == (403, "forbidden")


async def test_a_body_that_is_wrong_comes_before_a_thing_that_is_not_there(shop):
    owner = await shop.member("owner")
    answer = await owner.patch(f"/v1/things/{new_id()}", json={"name": "x", "weight": 3})
    assert code_of(answer) == (422, "invalid")
    assert answer.json()["errors"] == [
        {"pointer": "/weight", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"}
    ]


async def test_a_thing_that_is_not_there_comes_before_the_precondition(shop):
    owner = await shop.member("owner")
    assert code_of(await owner.patch(f"/v1/things/{new_id()}", json={"name": "x"})) == (404, "not_found")


async def test_what_one_may_not_do_comes_before_the_precondition(shop):
    thing = await shop.thing()
    member = await shop.member()
    assert code_of(await member.patch(f"/v1/things/{thing}", json={"name": "x"})) == (403, "forbidden")


async def test_the_precondition_comes_before_the_state(shop):
    thing = await shop.thing(status="closed")
    owner = await shop.member("owner")
    patch = {"url": f"/v1/things/{thing}", "json": {"name": "x"}}
    assert code_of(await owner.patch(**patch)) == (428, "precondition_required")
    assert code_of(await owner.patch(**patch, headers={"If-Match": '"7"'})) == (412, "precondition_failed")
    assert code_of(await owner.patch(**patch, headers={"If-Match": '"another"'})) == (412, "precondition_failed")
    refused = await owner.patch(**patch, headers={"If-Match": '"1"'})
    assert code_of(refused) == (409, "illegal_transition")
    assert refused.json()["state"] == "closed"


async def test_an_edit_carries_the_version_that_was_read(shop):
    thing = await shop.thing()
    owner = await shop.member("owner")
    read = await owner.get(f"/v1/things/{thing}")
    edited = await owner.patch(f"/v1/things/{thing}", json={"name": "new"}, headers={"If-Match": read.headers["etag"]})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    again = await owner.patch(f"/v1/things/{thing}", json={"name": "x"}, headers={"If-Match": read.headers["etag"]})
    assert code_of(again) == (412, "precondition_failed")
    assert again.json()["current"] == '"2"'


async def test_what_a_refused_request_had_written_is_undone(shop):
    member = await shop.member()
    answer = await member.post(f"/v1/failures/refused?community_id={shop.community_id}")
    assert code_of(answer) == (412, "precondition_failed")
    assert await shop.names() == []


async def test_a_bug_is_answered_without_its_details_and_undone(shop):
    member = await shop.member()
    answer = await member.post(f"/v1/failures/bug?community_id={shop.community_id}")
    assert code_of(answer) == (500, "internal_error")
    assert "secret" not in answer.text
    assert await shop.names() == []


async def test_a_commit_that_fails_is_never_a_201(shop):
    member = await shop.member()
    answer = await member.post(f"/v1/failures/at_commit?community_id={shop.community_id}")
    assert code_of(answer) == (500, "internal_error")
    assert await shop.names() == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "not_found")),
        ("GET", "/v1/things/", (404, "not_found")),
        ("DELETE", "/v1/things", (405, "method_not_allowed")),
        ("FOO", "/v1/things", (405, "method_not_allowed")),
    ],
)
async def test_paths_and_methods_that_do_not_exist_are_problems_too(shop, method, path, expected):
    assert code_of(await shop.anonymous().request(method, path)) == expected


async def test_head_is_not_offered(shop):
    answer = await shop.anonymous().head("/v1/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("body", "code"), [(b"{", "json_invalid"), (b"\xff\xfe", "json_invalid"), (b"[]", "model_attributes_type")]
)
async def test_a_body_that_is_no_json_object_is_named(shop, body, code):
    owner = await shop.member("owner")
    answer = await owner.post("/v1/things", content=body, headers={"content-type": "application/json"})
    assert code_of(answer) == (422, "invalid")
    if "errors" in answer.json():
        assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": "a", "name": "b"}', "duplicate_key"),
        (b'{"name": "\\u0000"}', "nul_character"),
        (b'{"name": "\\ud800"}', "half_character"),
        (b'{"name": NaN}', "json_invalid"),
        (b'{"name": 9223372036854775808}', "number_out_of_range"),
        (b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}", "too_deep"),
        ('{"name": "\\u0000"}'.encode("utf-16"), "json_invalid"),
        ('{"name": "a"}'.encode("utf-32"), "json_invalid"),
        ('{"name": "a"}'.encode("utf-16-le"), "json_invalid"),
    ],
)
async def test_json_that_means_one_thing_here_and_another_there_is_not_let_in(shop, body, code):
    owner = await shop.member("owner")
    for media_type in ("application/json", 'application/json; charset="UTF-8"', "application/merge-patch+json"):
        answer = await owner.post("/v1/things", content=body, headers={"content-type": media_type})
        assert code_of(answer) == (422, "invalid")
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("", code)]
    assert await shop.names() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_a_body_that_does_not_say_that_it_is_json_in_utf_8_is_not_guessed_at(shop, headers):
    owner, body = await shop.member("owner"), b'{"name": "a"}'
    answer = await owner.post("/v1/things", content=body, headers=headers)
    assert code_of(answer) == (415, "unsupported_media_type")
    assert answer.headers.get("accept-encoding") == ("identity" if "content-encoding" in headers else None)
    assert await shop.names() == []


@pytest.mark.parametrize(
    ("if_match", "answered"),
    [
        ("*", (200, None)),
        ('"1"', (200, None)),
        ('W/"1"', (412, "precondition_failed")),  # RFC 9110, 13.1.1: compared strongly
        ('"01x"', (412, "precondition_failed")),
        ("1", (422, "invalid")),
        ('"1", "2"', (422, "invalid")),
        ("", (422, "invalid")),
    ],
)
async def test_a_precondition_means_what_rfc_9110_says_or_is_refused(shop, if_match, answered):
    thing, owner = await shop.thing(), await shop.member("owner")
    answer = await owner.patch(f"/v1/things/{thing}", json={"name": "new"}, headers={"If-Match": if_match})
    assert (answer.status_code, answer.json().get("code")) == answered
    if answered[0] == 422:
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/header/If-Match", "not_an_etag")]


async def test_a_parameter_that_does_not_exist_is_named_instead_of_ignored(shop):
    owner = await shop.member("owner")
    answer = await owner.get(f"/v1/things?community_id={shop.community_id}&limit=5&lmit=1&st~a/tus=x")
    assert code_of(answer) == (422, "invalid")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("#/query/lmit", "unknown_parameter"),
        ("#/query/st~0a~1tus", "unknown_parameter"),
    ]


async def test_a_parameter_given_twice_is_named_instead_of_half_read(shop):
    owner = await shop.member("owner")
    answer = await owner.get(f"/v1/things?community_id={shop.community_id}&limit=5&limit=6")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/query/limit", "given_twice")]


@pytest.mark.parametrize(("query", "code"), [("cursor=%FF", "not_utf8"), ("cursor=%00", "nul_character")])
async def test_a_query_that_is_no_text_is_refused(shop, query, code):
    owner = await shop.member("owner")
    answer = await owner.get(f"/v1/things?community_id={shop.community_id}&{query}")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/query", code)]


async def test_who_may_not_is_told_so_before_his_parameters_are_looked_at(shop):
    assert code_of(await shop.as_person().post("/v1/things/reset?nonsense=1")) == (403, "forbidden")


async def test_a_refusal_speaks_the_readers_language_and_names_the_request(shop):
    answer = await shop.anonymous().get(
        "/nowhere", headers={"Accept-Language": "zh-Hans-CN,zh;q=0.9", "X-Request-Id": "abc-12345"}
    )
    assert answer.json()["title"] == "未找到"
    assert answer.headers["content-language"] == "zh-CN"
    assert (answer.json()["request_id"], answer.headers["x-request-id"]) == ("abc-12345", "abc-12345")


async def test_a_request_id_that_could_do_harm_is_replaced(shop):
    answer = await shop.anonymous().get("/nowhere", headers={"X-Request-Id": 'x" onload="'})
    assert len(answer.headers["x-request-id"]) == 32


async def test_answers_to_a_logged_in_caller_are_not_stored(shop):
    owner = await shop.member("owner")
    assert (await owner.get(f"/v1/things?community_id={shop.community_id}")).headers["cache-control"] == "no-store"
