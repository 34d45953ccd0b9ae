"""Calls to addresses that people wrote down: never to this machine or its network, never further than that address, never for long.

What a name stands for is asked once, looked at, and called: a name that stands for something else a moment later changes nothing.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpx

SECONDS: Final = 10.0
"""How long a call may take, all in all."""
MOST_BYTES: Final = 64 * 1024
"""How much of an answer is read."""
MOST_PARTS: Final = 1_000
"""In how many parts: each takes time, however little is in it."""
_UNICAST = ip_network("2000::/3")
"""All that is given out of IPv6. What is outside of it may stand for an inner address of IPv4, and Python calls some of it global."""
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "2001::/32", "2002::/16", "3fff::/20")))
"""What else is nobody's on the Internet: for protocols, for documents, or standing for an address of IPv4."""

Address = IPv4Address | IPv6Address


class AddressRefusedError(Exception):
    """The name stands for an address inside, or for none."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    body: bytes


def is_outside(address: Address, allowed: Sequence[str] = ()) -> bool:
    """Whether an address may be called: one of the Internet, or in a network that the operator allows."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if any(plain in ip_network(one, strict=False) for one in allowed):
        return True
    if not plain.is_global or plain.is_multicast or any(plain in one for one in _SPECIAL):
        return False
    return isinstance(plain, IPv4Address) or plain in _UNICAST


async def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[str] = ()) -> Answered:
    """Send JSON. Raises `AddressRefusedError`, and `TimeoutError`, `OSError` or `httpx.HTTPError` where nothing came back; follows no redirect."""
    async with asyncio.timeout(SECONDS):
        target = httpx.URL(url)
        address = await _resolved(target, allowed)
        said = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            **headers,
            "Host": target.netloc.decode(),
        }
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
            client.stream(
                "POST",
                target.copy_with(host=str(address)),
                content=body,
                headers=said,
                extensions={"sni_hostname": target.host},
            ) as response,
        ):
            return Answered(response.status_code, await _beginning(response))


async def _resolved(target: httpx.URL, allowed: Sequence[str]) -> Address:
    port = target.port or (443 if target.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(is_outside(one, allowed) for one in addresses):
        raise AddressRefusedError
    return addresses[0]


async def _beginning(response: httpx.Response) -> bytes:
    read, parts = bytearray(), 0
    async for part in response.aiter_raw():
        read += part
        parts += 1
        if len(read) > MOST_BYTES or parts >= MOST_PARTS:
            break
    return bytes(read[:MOST_BYTES])
