"""Which service a path belongs to, and which paths are not looked at."""

import pytest

from chassis.problems import Problem
from gateway.routing import OWNERS, service_for


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/people", "membership"),
        ("/v1/people/0192/activation", "membership"),
        ("/v1/earning-rules", "gamification"),
        ("/v1/checkins/calendar", "gamification"),
        ("/v1/search", "content"),
        ("/v1/action-items", "events"),
        ("/v1/learning-records", "analytics"),
        ("/v1/me/home", "gateway"),
        ("/v1/audit", "gateway"),
        ("/.well-known/jwks.json", "membership"),
        ("/scim/v2/Users", "membership"),
        ("/livez", "gateway"),
        ("/docs/docs.js", "gateway"),
        ("/v1/people/%E5%BC%A0", "membership"),
        ("/v1/people/a..b", "membership"),
        ("/v1/people/...", "membership"),
        ("/v1/people/%252e%252e", "membership"),
    ],
)
def test_the_first_segment_names_the_service(path, service):
    assert service_for(path.encode()) == service


@pytest.mark.parametrize(
    "path",
    [
        "/internal/audit", "/v1/internal", "/v1", "/v1/", "/v1/peoples", "/V1/people", "/v2/people", "/docsx", "/scim",
        "/v1/people/", "/metrics/x", "/.well-known", "/openapi.json/x",
    ],
)  # fmt: skip
def test_what_nobody_owns_is_not_found(path):
    assert refusal(path.encode()) == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/people/%2f..%2finternal", "/v1/people/%2F", "/v1/people%5cx", "/v1/people%5Cx", "/v1/people\\..\\x",
        "/v1/people/../../internal/audit", "/v1/people/./x", "/v1/people/..", "/v1/people/.", "/v1/people/%2e%2e/x",
        "/v1/people/%2E./x", "/v1/people/.%2e", "/v1/people/..;a=b/x", "/v1/people/%2e%2e;/x", "//internal/audit",
        "/v1//people", "/v1/people/%00", "/v1/people/%0d%0aX:1", "/v1/people/%7f", "/v1/people/\t", "/v1/people/%",
        "/v1/people/%zz", "/v1/people/%1", "/v1/people/ x", "v1/people", "", "*", "/../internal/audit", "/./v1/people",
    ],
)  # fmt: skip
def test_a_path_that_could_be_read_in_two_ways_is_refused(path):
    assert refusal(path.encode()) == "bad_request"


def test_bytes_that_are_no_ascii_must_be_escaped():
    assert refusal("/v1/people/张伟".encode()) == "bad_request"
    assert refusal(b"/v1/people", "q=张伟".encode()) == "bad_request"
    assert service_for(b"/v1/people", b"q=%E5%BC%A0") == "membership"


def test_an_address_has_an_end():
    assert refusal(b"/v1/people", b"q=" + b"a" * 9000) == "uri_too_long"


def test_no_segment_has_two_owners():
    from gateway.routing import SEGMENTS

    assert sum(len(line.split()) for line in SEGMENTS.values()) == len(OWNERS)


def refusal(path: bytes, query: bytes = b"") -> str:
    with pytest.raises(Problem) as refused:
        service_for(path, query)
    return refused.value.type.code
