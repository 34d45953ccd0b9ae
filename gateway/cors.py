"""Cross-origin requests, for the origins in `QUNXUE_ALLOWED_ORIGINS`; none by default."""

from collections.abc import Iterable

from gateway.headers import Head, Headers

_TAKEN = (
    b"accept-language, authorization, content-type, idempotency-key, if-match, if-none-match, if-range, last-event-id, range, "
    b"upload-offset, x-request-id"
)
PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", _TAKEN),
    (b"access-control-max-age", b"600"),
]
_EXPOSED = (
    b"accept-ranges, content-disposition, content-range, etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, "
    b"retry-after, upload-offset, x-request-id"
)


class Origins:
    """Which pages elsewhere may read our answers."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(origin.rstrip("/").encode() for origin in allowed)

    def is_preflight(self, method: str, head: Head) -> bool:
        """Whether a browser asks if it may ask."""
        return method == "OPTIONS" and b"origin" in head.noted and b"access-control-request-method" in head.noted

    def preflight(self, head: Head) -> Headers:
        """The answer to that beside `headers`; nothing for an origin that is not allowed."""
        return PREFLIGHT if head.noted[b"origin"] in self._allowed else []

    def headers(self, head: Head) -> Headers:
        """What goes with every answer."""
        if not self._allowed:
            return []
        vary = (b"vary", b"Origin")
        origin = head.noted.get(b"origin")
        if origin is None or origin not in self._allowed:
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _EXPOSED),
        ]
