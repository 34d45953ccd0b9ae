"""What a reader is told, and in which language."""

from datetime import UTC, datetime

import orjson
import pytest

from chassis.locale import negotiate
from chassis.problems import (
    ILLEGAL_TRANSITION,
    INVALID,
    NOT_FOUND,
    RATE_LIMITED,
    FieldError,
    ProblemType,
    catalogue,
    problem_response,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("*", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("EN-us", "en"),
        ("fr", "zh-CN"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.3, zh;q=0.8", "zh-CN"),
        ("zh;q=0, en;q=0.1", "en"),
        ("en;q=nonsense", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en, zh", "en"),
        (";;;,,,", "zh-CN"),
    ],
)
def test_the_language_is_the_best_of_two(header, expected):
    assert negotiate(header) == expected


def test_a_problem_is_an_rfc_9457_document_in_the_readers_language():
    answer = problem_response(NOT_FOUND("No such wheel.", community="a"), "en", "request-1")
    assert answer.media_type == "application/problem+json"
    assert answer.status_code == 404
    assert orjson.loads(answer.body) == {
        "type": "urn:qunxue:problem:not_found",
        "title": "Not found",
        "status": 404,
        "code": "not_found",
        "detail": "No such wheel.",
        "community": "a",
        "request_id": "request-1",
    }
    chinese = problem_response(NOT_FOUND(), "zh-CN")
    assert orjson.loads(chinese.body)["title"] == "未找到"
    assert chinese.headers["content-language"] == "zh-CN"
    assert chinese.headers["cache-control"] == "no-store"


def test_a_problem_writes_times_as_other_answers_do():
    answer = problem_response(
        NOT_FOUND(until=datetime(2026, 3, 2, 4, tzinfo=UTC), newer={"at": datetime(2026, 3, 1, tzinfo=UTC)}), "en"
    )
    body = orjson.loads(answer.body)
    assert (body["until"], body["newer"]["at"]) == ("2026-03-02T04:00:00Z", "2026-03-01T00:00:00Z")


def test_errors_name_their_places():
    body = INVALID(errors=[FieldError("/name", "missing", "Field required")]).as_json("en")
    assert body["errors"] == [{"pointer": "/name", "code": "missing", "detail": "Field required"}]


def test_what_is_not_possible_now_says_in_which_state_it_is():
    refused = ILLEGAL_TRANSITION(state="in_review")
    assert refused.as_json("en")["detail"] == "Its state now: in review."
    assert refused.as_json("zh-CN")["detail"] == "当前状态：审阅中。"
    said = ILLEGAL_TRANSITION("It is over.", "已经结束。", state="announced").as_json("zh-CN")
    assert (said["detail"], said["state"]) == ("已经结束。", "announced")
    assert "detail" not in ILLEGAL_TRANSITION().as_json("en")


def test_a_problem_says_when_to_come_back():
    assert problem_response(RATE_LIMITED(), "en").headers["retry-after"] == "1"
    assert problem_response(RATE_LIMITED(retry_after=7), "en").headers["retry-after"] == "7"


def test_a_code_means_one_thing():
    with pytest.raises(ValueError, match="declared twice"):
        ProblemType("not_found", 410, en="Gone", zh="没有了")
    assert ProblemType("not_found", 404, en=NOT_FOUND.en, zh=NOT_FOUND.zh) == NOT_FOUND


def test_every_problem_is_told_in_both_languages():
    for problem in catalogue.values():
        assert problem.en.isascii(), problem.code
        assert not problem.zh.isascii(), problem.code
        assert 400 <= problem.status < 600
