"""Which headers reach a service, and where a request came from."""

import pytest

from chassis.problems import Problem
from gateway.headers import Proxies, address_key, answer_headers, read_head

IDENTITY = [
    "X-User-Id", "X-User", "X-Caller", "X-Caller-Id", "X-Person-Id", "X-Member-Id", "X-Account-Id", "X-Actor", "X-Roles",
    "X-Scopes", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Remote-User", "Remote-User",
    "X-Auth-Request-User", "X-Auth-Token", "X-Authenticated-User", "X-Principal", "X-Identity", "X-Internal",
    "X-Ms-Client-Principal", "X-Goog-Authenticated-User-Email", "X-Amzn-Oidc-Identity", "X-Client-Cert", "Ssl-Client-Dn",
    "X-Original-Url", "X-Rewrite-Url", "X-Http-Method-Override", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
    "Forwarded", "X-Real-Ip", "True-Client-Ip", "X-Qunxue-Person", "Proxy-Authorization", "Proxy",
]  # fmt: skip


@pytest.mark.parametrize("name", IDENTITY)
def test_no_spelling_of_an_identity_header_goes_on(name):
    spellings = {name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "_").lower()}
    assert read_head([(spelling.encode(), b"admin") for spelling in spellings]).forwarded == []


def test_an_underscore_does_not_make_another_spelling_of_a_known_header():
    head = read_head([(b"authorization", b"Bearer a"), (b"Idempotency_Key", b"x"), (b"content_type", b"text/html")])
    assert head.forwarded == [(b"authorization", b"Bearer a")]


def test_what_services_read_goes_on_unchanged():
    headers = [
        (b"authorization", b"Bearer a.b.c"),
        (b"if-match", b'"3"'),
        (b"traceparent", b"00-1-2-01"),
        (b"cookie", b"a=b"),
    ]
    assert read_head(headers).forwarded == headers


def test_hop_by_hop_headers_end_here_and_those_that_connection_names():
    head = read_head(
        [(b"connection", b"close, If-Match ,keep-alive"), (b"if-match", b'"1"'), (b"te", b"trailers"), (b"upgrade", b"h2c"),
         (b"keep-alive", b"5"), (b"accept", b"*/*"), (b"trailer", b"accept")]
    )  # fmt: skip
    assert head.forwarded == [(b"accept", b"*/*")]


def test_the_same_holds_for_answers():
    kept = answer_headers(
        [(b"Connection", b"close, X-Inner"), (b"X-Inner", b"1"), (b"Keep-Alive", b"5"), (b"Server", b"x"), (b"Date", b"y"),
         (b"Transfer-Encoding", b"chunked"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"), (b"ETag", b'"1"')]
    )  # fmt: skip
    assert kept == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"etag", b'"1"')]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"host", b"a"), (b"Host", b"b")],
        [(b"authorization", b"Bearer a"), (b"Authorization", b"Bearer b")],
        [(b"idempotency-key", b"a"), (b"idempotency-key", b"b")],
        [(b"content-length", b"5"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"identity")],
        [(b"content-length", b"+5")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"0x10")],
        [(b"content-length", b"1,1")],
        [(b"content-length", b"")],
        [(b"content-length", b"9" * 40)],
    ],
)
def test_what_could_mean_two_things_is_refused(headers):
    with pytest.raises(Problem) as refused:
        read_head(headers)
    assert refused.value.type.code == "bad_request"


@pytest.mark.parametrize("headers", [[(b"x-a", b"1")] * 101, [(b"accept", b"a" * 33_000)]])
def test_headers_have_an_end(headers):
    with pytest.raises(Problem) as refused:
        read_head(headers)
    assert refused.value.type.code == "headers_too_large"


@pytest.mark.parametrize(
    ("peer", "claimed", "client"),
    [
        ("198.51.100.7", "1.2.3.4", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (None, "1.2.3.4", "unknown"),
    ],
)
def test_only_a_trusted_proxy_says_who_asked(peer, claimed, client):
    head = read_head([(b"x-forwarded-for", claimed.encode())])
    assert Proxies(["10.0.0.0/8"]).client(peer, head) == client


def test_without_trusted_proxies_nobody_is_believed():
    head = read_head([(b"x-forwarded-for", b"1.2.3.4"), (b"x-forwarded-proto", b"https")])
    assert Proxies([]).client("127.0.0.1", head) == "127.0.0.1"
    assert Proxies([]).scheme("127.0.0.1", "http", head) == "http"
    assert Proxies(["127.0.0.1"]).scheme("127.0.0.1", "http", head) == "https"


def test_addresses_of_one_ipv6_network_count_as_one():
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")
    assert address_key("::ffff:198.51.100.7") == "198.51.100.7"
