"""What every way to log in by another system gives: an address to send people to, and who they are when they come back.

An adapter is made of its settings once for each process (`kinds.py`). It calls outside by `chassis.outgoing` alone, holds no session of
the database, and keeps what it may remember (documents, keys, tokens of the application) itself, bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

LONGEST_SESSION = timedelta(hours=12)
"""So long a session lasts at most that somebody else's log-in began: who is let go there is out here the next day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One log-in under way. All of it is bound to the browser that began it, and good once."""

    state: str
    """43 characters of base64url: what the provider sends back, in the address alone."""
    nonce: str
    verifier: str
    """PKCE's (RFC 7636): 43 characters of base64url, for providers that offer it."""
    redirect_uri: str
    """Where the provider sends people back to: registered there, and said again when the code is exchanged."""
    again_since: datetime | None = None
    """For who must prove again who they are: they must have done so since then, however long their session there lasts."""


@dataclass(frozen=True, slots=True)
class Identified:
    """Who the provider says that somebody is.

    `tenant` is empty where the provider has one only. `employee_no` is given by a provider alone that the host trusts for it: it links
    the account to the person with this number at the first log-in.
    """

    provider: str
    tenant: str
    kind: str
    subject: str
    employee_no: str | None = None
    session: str | None = None
    """What the provider calls its own session, if it tells when that is over."""
    lasts: timedelta = LONGEST_SESSION
    """How long a session may last; never longer than `LONGEST_SESSION`, whatever stands here."""
    proved_at: datetime | None = None
    """When they last proved there who they are; None if the provider does not say: their session there may be hours old."""
    second_factor: bool = False
    """Whether they proved a second factor there, by what the host has said that means it."""


class Provider(Protocol):
    """A way to log in that the host has set up.

    Both may raise `PROVIDER_UNAVAILABLE` where it does not answer or says nothing usable; `identify` raises `PROVIDER_REFUSED` where
    the code is not good, or what came with it does not belong to this log-in.
    """

    @property
    def code(self) -> str:
        """What the host calls it: stands in addresses and in `Identified.provider`."""

    @property
    def names(self) -> Mapping[str, str]:
        """What a log-in page calls it, by language: `zh-CN` and `en`."""

    @property
    def proves_again(self) -> bool:
        """Whether it can be asked to have somebody prove again who they are, and says when they did."""

    async def authorization_url(self, asked: Asked) -> str:
        """Where the browser goes to."""

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        """Who came back with this code. `issuer` is what came back as `iss` (RFC 9207), if anything."""
