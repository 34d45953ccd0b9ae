"""Calls to addresses that people wrote down: never to this machine or its network, never further than that address, never for long.

What a name stands for is asked once, looked at, and called: a name that stands for something else a moment later changes nothing.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

import httpx

from chassis.lookups import addresses_of

SECONDS: Final = 10.0
"""How long a call may take, all in all."""
MOST_BYTES: Final = 64 * 1024
"""How much of an answer is read."""
MOST_PARTS: Final = 1_000
"""In how many parts: each takes time, however little is in it."""
MOST_READ: Final = 192 * 1024
"""How much is read of a connection, all in all."""
RESOLVE_SECONDS: Final = 3.0
"""How long a name may take to be found."""
_UNICAST = ip_network("2000::/3")
"""All that is given out of IPv6. What is outside of it may stand for an inner address of IPv4, and Python calls some of it global."""
_SPECIAL = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/32", "2002::/16", "3fff::/20"),
    )
)
"""What else is nobody's on the Internet: for protocols, for documents, of a cloud's own machine, or standing for an address of IPv4."""

_NEVER = tuple(
    map(
        ip_network,
        [
            *("0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "169.254.0.0/16", "224.0.0.0/3"),
            *("::/128", "64:ff9b::/96", "64:ff9b:1::/48", "fc00::/7", "fe80::/10", "ff00::/8"),
        ],
    )
)
"""Where machines of clouds tell their secrets, and what may stand for it: refused whatever the operator allows."""
_TLS_PORT = 443
_FIRST_FREE_PORT = 1024
"""The ports before it belong to other protocols, whose servers a call could be made to talk to."""

Address = IPv4Address | IPv6Address


class AddressRefusedError(Exception):
    """The name stands for an address inside, or for none, or the address is not one to be called."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    body: bytes
    retry_after: str | None = None
    """What its `Retry-After` says."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""


def is_permitted(address: Address, allowed: Sequence[str]) -> bool:
    """Whether the operator allows the network that an address is in; some are never allowed."""
    plain = _plain(address)
    if any(plain in one for one in _NEVER):
        return False
    return any(plain in ip_network(one, strict=False) for one in allowed)


def is_outside(address: Address, allowed: Sequence[str] = ()) -> bool:
    """Whether an address may be called: one of the Internet, or in a network that the operator allows."""
    plain = _plain(address)
    if is_permitted(plain, allowed):
        return True
    if not plain.is_global or plain.is_multicast or any(plain in one for one in _SPECIAL):
        return False
    return isinstance(plain, IPv4Address) or plain in _UNICAST


async def check(url: str, *, allowed: Sequence[str] = ()) -> None:
    """See whether an address may be called, and call nothing. Raises `AddressRefusedError`, also where the name is not found soon."""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            await _resolved(httpx.URL(url), allowed)
    except (TimeoutError, OSError, ValueError, httpx.InvalidURL) as error:
        raise AddressRefusedError from error


async def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[str] = ()) -> Answered:
    """Send JSON. Raises `AddressRefusedError`, and `TimeoutError`, `OSError` or `httpx.HTTPError` where nothing came back; follows no redirect."""
    return await _call("POST", url, body, {"Content-Type": "application/json", **headers}, allowed)


async def get(url: str, headers: Mapping[str, str], *, allowed: Sequence[str] = ()) -> Answered:
    """Ask, as `post` sends."""
    return await _call("GET", url, None, headers, allowed)


async def _call(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], allowed: Sequence[str]
) -> Answered:
    async with asyncio.timeout(SECONDS):
        target = httpx.URL(url)
        address = await _resolved(target, allowed)
        said = {"Accept-Encoding": "identity", **headers, "Host": target.netloc.decode()}
        async with (
            httpx.AsyncClient(
                transport=_Bounded(verify=_tls(), trust_env=False), follow_redirects=False, timeout=SECONDS
            ) as client,
            client.stream(
                method,
                target.copy_with(host=str(address)),
                content=body,
                headers=said,
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            body_read = await _beginning(response)
            return Answered(
                response.status_code, body_read, response.headers.get("Retry-After"), dict(response.headers)
            )


class _Bounded(httpx.AsyncHTTPTransport):
    """Reads no more than so much of a connection, whatever it is: an answer may be begun without end before the one that counts."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As any, with the stream of each connection counted as soon as it is there."""

        async def count(event: str, said: dict[str, Any]) -> None:
            if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
                _count(said["return_value"])

        request.extensions = {**request.extensions, "trace": count}
        return await super().handle_async_request(request)


def _count(stream: Any) -> None:
    read, left = stream.read, MOST_READ

    async def counted(most: int, timeout: float | None = None) -> bytes:
        nonlocal left
        if left <= 0:
            raise OSError("it says too much")
        found: bytes = await read(min(most, left), timeout)
        left -= len(found)
        return found

    stream.read = counted


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One for all calls: reading which authorities are trusted takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


async def _resolved(target: httpx.URL, allowed: Sequence[str]) -> Address:
    """The address that a name stands for, if all that it stands for may be called so: outside by TLS alone."""
    if target.scheme not in ("http", "https") or not target.host or target.userinfo:
        raise AddressRefusedError
    port = target.port or (_TLS_PORT if target.scheme == "https" else 80)
    addresses = [ip_address(one.partition("%")[0]) for one in await addresses_of(target.host, port)]
    if not addresses or not all(_may_be_called(one, target.scheme, port, allowed) for one in addresses):
        raise AddressRefusedError
    return addresses[0]


def _may_be_called(address: Address, scheme: str, port: int, allowed: Sequence[str]) -> bool:
    if is_permitted(address, allowed):
        return True
    return is_outside(address) and scheme == "https" and (port == _TLS_PORT or port >= _FIRST_FREE_PORT)


def _plain(address: Address) -> Address:
    """An address of IPv4 that is written as one of IPv6 is what it is."""
    return address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address


async def _beginning(response: httpx.Response) -> bytes:
    read, parts = bytearray(), 0
    async for part in response.aiter_raw():
        read += part
        parts += 1
        if len(read) > MOST_BYTES or parts >= MOST_PARTS:
            break
    return bytes(read[:MOST_BYTES])
