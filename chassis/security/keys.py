"""The issuer's public keys, fetched from membership's JWKS and kept."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.problems import UNAVAILABLE, Problem
from chassis.security.tokens import from_jwk

REFETCH_SECONDS = 30.0
RETRY_SECONDS = 1.0

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]
"""Gets the JWKS document; raises `OSError` or `httpx.HTTPError` when it cannot."""


class KeySet:
    """Finds public keys by id.

    An unknown id makes it fetch again, at most once in 30 s, so that forged ids cannot be used to flood membership. Keys once
    known stay good while membership is away; while none is known, tokens cannot be judged at all, which is 503 and not 401.
    """

    def __init__(self, fetch: FetchKeys, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched_at = -math.inf
        self._lock = asyncio.Lock()

    async def __call__(self, key_id: str) -> Ed25519PublicKey | None:
        """The key, or None when the issuer has no such key. Raises `UNAVAILABLE` while no key is known."""
        if key_id in self._keys:
            return self._keys[key_id]
        async with self._lock:
            if key_id not in self._keys and self._may_fetch():
                await self._refresh()
        if not self._keys:
            raise _no_keys()
        return self._keys.get(key_id)

    def _may_fetch(self) -> bool:
        # Without any key soon again; with some, an unknown id is most likely a forgery.
        pause = REFETCH_SECONDS if self._keys else RETRY_SECONDS
        return self._monotonic() - self._fetched_at >= pause

    async def _refresh(self) -> None:
        try:
            document = await self._fetch()
            keys = dict(from_jwk(jwk) for jwk in document["keys"])
        except (OSError, httpx.HTTPError, LookupError, ValueError, TypeError):
            keys = {}
        # After the answer: requests that queued behind a slow failure must not each try again.
        self._fetched_at = self._monotonic()
        if keys:
            self._keys = keys


def _no_keys() -> Problem:
    return UNAVAILABLE("The keys for checking tokens are not known yet.", "尚未取得用于校验令牌的密钥。", retry_after=2)
