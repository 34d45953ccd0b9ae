"""Which headers pass, in both directions, and where a request really came from.

Requests: only what stands in `FORWARDED` goes on, whatever else a client invents. So no identity header (`X-User-Id`, `X_User_Id`,
`X-Remote-User`, `X-Forwarded-User`, `X-Auth-…`) can reach a service in any spelling: who the caller is says the access token alone.
Responses: all but the hop-by-hop ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from chassis.problems import BAD_REQUEST
from gateway.problems import HEADERS_TOO_LARGE

Headers = list[tuple[bytes, bytes]]

MOST_HEADERS = 100
MOST_BYTES = 32 * 1024

_FORWARDED = b"""
accept accept-encoding accept-language authorization baggage cache-control content-disposition content-encoding
content-language content-length content-type cookie date dnt if-match if-modified-since if-none-match if-range
if-unmodified-since idempotency-key last-event-id origin pragma prefer range referer traceparent tracestate upload-offset user-agent
webhook-id webhook-signature webhook-timestamp x-experience-api-version
"""
_HOP_BY_HOP = b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade"

FORWARDED = frozenset(_FORWARDED.split())
"""Request headers that services may see. The gateway adds X-Request-Id, X-Forwarded-For and X-Forwarded-Proto of its own."""

ONCE = frozenset(
    {
        b"host",
        b"content-length",
        b"authorization",
        b"content-type",
        b"transfer-encoding",
        b"idempotency-key",
        b"if-match",
    }
)
"""Sent twice they could mean one thing here and another in a service: 400."""

HOP_BY_HOP = frozenset(_HOP_BY_HOP.split())

_NOT_FROM_SERVICES = HOP_BY_HOP | {b"server", b"date", b"x-request-id"}

_NOTED = ONCE | {b"connection", b"accept-language", b"x-request-id", b"x-forwarded-for", b"x-forwarded-proto", b"origin",
                 b"expect", b"access-control-request-method"}  # fmt: skip


@dataclass(slots=True)
class Head:
    """A request's headers: what goes on to the service, and what the gateway itself looks at."""

    forwarded: Headers
    noted: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def declared_length(self) -> int | None:
        """Content-Length; None without one."""
        value = self.noted.get(b"content-length")
        return None if value is None else int(value)

    @property
    def chunked(self) -> bool:
        """Whether a body of unknown length follows."""
        return b"transfer-encoding" in self.noted


def read_head(headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """Sort a request's headers. Raises `BAD_REQUEST` or `HEADERS_TOO_LARGE`.

    Names are compared in lower case, whatever the server made of them; one with an underscore is no spelling of another.
    """
    forwarded: Headers = []
    noted: dict[bytes, bytes] = {}
    count = size = 0
    for original, value in headers:
        name = original.lower()
        count += 1
        size += len(name) + len(value)
        if name in FORWARDED:
            forwarded.append((name, value))
        if name in _NOTED:
            if name not in noted:
                noted[name] = value
            elif name in ONCE:
                header = name.decode("latin-1")
                raise BAD_REQUEST(f"The header {header} may be sent only once.", f"标头 {header} 只能出现一次。")
            else:
                noted[name] += b", " + value
    if count > MOST_HEADERS or size > MOST_BYTES:
        raise HEADERS_TOO_LARGE(limit=MOST_BYTES)
    if b"transfer-encoding" in noted:
        if b"content-length" in noted:
            raise BAD_REQUEST(
                "Content-Length and Transfer-Encoding may not be sent together.",
                "不能同时发送 Content-Length 与 Transfer-Encoding。",
            )
        if noted[b"transfer-encoding"].strip().lower() != b"chunked":
            raise BAD_REQUEST("The only transfer encoding is chunked.", "传输编码只支持 chunked。")
    elif b"content-length" in noted and not (noted[b"content-length"].isdigit() and len(noted[b"content-length"]) < 16):
        raise BAD_REQUEST("Content-Length is not a number.", "Content-Length 不是数字。")
    named = noted.get(b"connection")
    if named is not None and named.lower() not in (b"close", b"keep-alive"):
        gone = tokens(named)
        forwarded = [(name, value) for name, value in forwarded if name not in gone]
    return Head(forwarded, noted)


def tokens(value: bytes) -> set[bytes]:
    """The names that a `Connection` header lists, in lower case."""
    return {token.strip().lower() for token in value.split(b",")}


def answer_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """A service's headers without the hop-by-hop ones and those the gateway's own server writes."""
    kept: Headers = []
    named: set[bytes] | None = None
    for original, value in headers:
        name = original.lower()
        if name not in _NOT_FROM_SERVICES:
            kept.append((name, value))
        elif name == b"connection":
            named = (named or set()) | tokens(value)
    return kept if not named else [(name, value) for name, value in kept if name not in named]


class Proxies:
    """Who may say where a request came from: `QUNXUE_TRUSTED_PROXIES`, addresses and networks; nobody by default."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._networks = [ip_network(text, strict=False) for text in trusted]
        self._is_trusted = lru_cache(maxsize=4096)(self._look_up)

    def client(self, peer: str | None, head: Head) -> str:
        """The client's address: the last one in `X-Forwarded-For` that is not a trusted proxy, or the peer's if the peer is not trusted."""
        if peer is None:
            return "unknown"
        if not self._networks or not self._is_trusted(peer):
            return peer
        claimed = head.noted.get(b"x-forwarded-for", b"").decode("latin-1")
        for part in reversed(claimed.split(",")):
            address = _address(part.strip())
            if address is None:
                # Anything further left was written by this address.
                return peer
            peer = str(address)
            if not self._is_trusted(peer):
                break
        return peer

    def scheme(self, peer: str | None, own: str, head: Head) -> str:
        """`https` or `http`, as the client used it."""
        claimed = head.noted.get(b"x-forwarded-proto")
        if claimed in (b"https", b"http") and peer is not None and self._networks and self._is_trusted(peer):
            return claimed.decode()
        return own

    def _look_up(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(_within(address, network) for network in self._networks)


def _within(address: IPv4Address | IPv6Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4096)
def address_key(client: str) -> str:
    """What log-ins are counted by: an IPv4 address, or the /64 of an IPv6 one, of which every household has 2^64."""
    address = _address(client)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return client if address is None else str(address)
