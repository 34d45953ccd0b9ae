"""What a provider publishes of itself: where it is asked, and the keys that it signs with. Asked seldom, by one at a time, and remembered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from chassis.addresses import web_address
from chassis.clock import Clock

KEPT: Final = timedelta(hours=1)
ASKED_AGAIN: Final = timedelta(seconds=30)
"""How soon keys are asked for again because a token names one that is not known."""
FAILED_FOR: Final = timedelta(seconds=5)
"""How long who did not answer is not asked again: those who come meanwhile need not wait for it, too."""
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Unusable(Exception):
    """The provider answered, and not as one does."""


class Documents:
    """The document and the keys of one issuer."""

    def __init__(self, issuer: str, fetch: Callable[[str], Awaitable[Any]], clock: Clock) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._document: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._failed_at: datetime | None = None

    async def discovery(self) -> dict[str, Any]:
        """Its document (Discovery 1.0, 4). Raises `Unusable`, and what asking raises."""
        async with self._lock:
            return await self._discovery()

    async def keys(self, *, again: bool = False) -> KeySet | None:
        """Its keys; `again` where a token was signed by none of them. None if it is too soon to ask for them again."""
        async with self._lock:
            now = self._clock()
            if self._keys is not None:
                since = now - self._keys[0]
                if again and since < ASKED_AGAIN:
                    return None
                if not again and since < KEPT:
                    return self._keys[1]
            document = await self._discovery()
            published = await self._asked(document["jwks_uri"])
            try:
                found = KeySet.import_key_set(published)
            except (JoseError, ValueError, TypeError, KeyError, AttributeError):
                raise Unusable from None
            self._keys = (now, found)
            return found

    @staticmethod
    def may_be_new(error: Exception) -> bool:
        """Whether other keys may change this: the token names one that is not known, or it was replaced under its name."""
        return isinstance(error, (InvalidKeyIdError, BadSignatureError))

    async def _discovery(self) -> dict[str, Any]:
        now = self._clock()
        if self._document is not None and now - self._document[0] < KEPT:
            return self._document[1]
        document = await self._asked(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        whole = isinstance(document, dict) and all(_is_address(document.get(name)) for name in _NEEDED)
        if not whole or document.get("issuer") != self._issuer:
            # Discovery 1.0, 4.3: whoever says to be somebody else is not asked.
            raise Unusable
        self._document = (now, document)
        return self._document[1]

    async def _asked(self, url: str) -> Any:
        now = self._clock()
        if self._failed_at is not None and now - self._failed_at < FAILED_FOR:
            raise Unusable
        try:
            answer = await self._fetch(url)
        except Exception:
            self._failed_at = now
            raise
        self._failed_at = None
        return answer


def _is_address(value: object) -> bool:
    """Whether a browser or a program may be sent there: to a page, and to nothing that is run."""
    try:
        return isinstance(value, str) and bool(web_address(value))
    except ValueError:
        return False
