"""Which service a path belongs to, by its first segment; and which paths are not looked at at all.

Paths are judged as they came, before anything decodes them: two programs that decode differently are how `..%2f` gets past one of
them. So nothing is repaired here. An ambiguous path is 400, a path without an owner is 404.
"""

import re
from typing import Final

from chassis.problems import BAD_REQUEST, NOT_FOUND
from gateway.problems import URI_TOO_LONG

GATEWAY: Final = "gateway"

SEGMENTS: Final[dict[str, str]] = {
    "membership": (
        "people departments sessions tokens activations password-resets service-accounts revocations communities cohorts"
        " campaigns landings applications members role-grants invitations rule-sets conduct-reports cases penalties appeals"
        " groups mentorships responsibilities notifications notification-preferences webhooks identities providers"
        " second-factors test-attempts interviews scorecards messenger-channels unsubscribes work-calendars erasures"
        " privacy-notices"
    ),
    "gamification": (
        "wallets ledger-entries awards earning-rules earning-outcomes checkins checkin-plans ladders promotions badges"
        " certificates certifications rewards redemptions leaderboards seasons kudos"
    ),
    "content": (
        "articles collections discussions replies reactions drafts attachments bookmarks subscriptions tags"
        " moderation-items word-lists ideas courses search archives"
    ),
    "events": (
        "activities series registrations attendances stewards proposals retrospectives question-banks papers contests"
        " contest-teams contest-attempts surveys feedback-requests meetings action-items calendars"
    ),
    "analytics": "metrics retention goals insights automations reports learning-records",
    GATEWAY: "me desk stream audit",
}
"""The first segment after `/v1`, by owner: the contract's table."""

OWNERS: Final[dict[str, str]] = {segment: owner for owner, line in SEGMENTS.items() for segment in line.split()}

UNTOLD: Final = frozenset({("POST", "/v1/surveys/{survey_id}/answers"), ("POST", "/v1/kudos/stars/{star_id}/vote")})
"""Of what nobody is told: neither a line of the log nor a span. A table, which a test compares with what operations declare."""

OWN_PATHS: Final = frozenset(
    {"/", "/docs", "/openapi.json", "/asyncapi.json", "/livez", "/readyz", "/metrics", "/status", "/favicon.ico"}
)

LONGEST_TARGET: Final = 8 * 1024

_UNTOLD = [(method, re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path).encode())) for method, path in UNTOLD]
_OWNERS = {segment.encode(): owner for segment, owner in OWNERS.items()}
_OWN_PATHS = {path.encode() for path in OWN_PATHS}
_DOT = rb"(?:\.|%2[eE])"
# Anything but visible ASCII · an escape that is none · an escaped slash, backslash or control character · a backslash ·
# a segment that is empty or, escaped or not and with or without parameters, `.` or `..`.
_AMBIGUOUS = re.compile(
    rb"[^\x21-\x7e]|%(?![0-9a-fA-F]{2})|%(?:2[fF]|5[cC]|[01][0-9a-fA-F]|7[fF])|\\|//|/"
    + _DOT
    + rb"{1,2}(?:;[^/]*)?(?=/|\Z)"
)
_NOT_VISIBLE = re.compile(rb"[^\x21-\x7e]")


def is_untold(method: str, raw_path: bytes) -> bool:
    """Whether nobody is told of such a request."""
    return any(method == one and path.fullmatch(raw_path) for one, path in _UNTOLD)


def service_for(raw_path: bytes, query: bytes = b"") -> str:
    """The owner of a path, `gateway` for its own. Raises `NOT_FOUND`, `BAD_REQUEST` or `URI_TOO_LONG`.

    `raw_path` is the path as it came, without the query. `/internal/*` belongs to nobody here.
    """
    if len(raw_path) + len(query) > LONGEST_TARGET:
        raise URI_TOO_LONG(limit=LONGEST_TARGET)
    if _AMBIGUOUS.search(raw_path) or not raw_path.startswith(b"/"):
        raise BAD_REQUEST("The path is ambiguous.", "路径有歧义。")
    if query and _NOT_VISIBLE.search(query):
        raise BAD_REQUEST("The query is not encoded.", "查询字符串未经编码。")
    if raw_path.startswith(b"/v1/"):
        end = raw_path.find(b"/", 4)
        owner = _OWNERS.get(raw_path[4:] if end < 0 else raw_path[4:end])
        # A service would answer a trailing slash with a redirect to its own, internal name.
        if owner is not None and not raw_path.endswith(b"/"):
            return owner
    elif raw_path.startswith((b"/.well-known/", b"/scim/")):
        return "membership"
    elif raw_path in _OWN_PATHS or raw_path.startswith(b"/docs/"):
        return GATEWAY
    raise NOT_FOUND()
