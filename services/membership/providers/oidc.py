"""OpenID Connect (Core 1.0, the code flow with PKCE): where people are sent, and who they are when they come back with a code."""

import asyncio
import json
import warnings
from base64 import b64encode
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwt import JWTClaimsRegistry, Token, decode

from chassis.outgoing import AddressRefusedError, Answered, get, post
from chassis.provider_settings import OidcSettings
from chassis.runtime import Runtime
from services.membership.providers.documents import Documents, Unusable
from services.membership.providers.interface import Asked, Identified
from services.membership.providers.problems import PROVIDER_REFUSED, PROVIDER_UNAVAILABLE

SECONDS: Final = 8.0
"""How long finding out who came may take in all, less than the gateway waits."""
AT_ONCE: Final = 32
"""So many are asked about at once in this process; further ones come again."""
LEEWAY: Final = 30
"""Seconds that two clocks may differ."""
PROVED_WITHIN: Final = 60
"""Seconds that are said (`max_age`) where somebody must prove again who they are: a provider says then when they did."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
Result = TypeVar("Result")
LOGOUT_FRESH: Final = timedelta(minutes=5)
_LONGEST = 255
_OK, _REFUSALS = 200, range(400, 500)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a provider says is over: one of its sessions, or all of somebody's. `key` is what it says so by, once."""

    key: str
    session: str | None
    subject: str | None


class OidcProvider:
    """A provider, with what it published when it was last asked."""

    proves_again = True

    def __init__(self, runtime: Runtime, settings: OidcSettings) -> None:
        self._runtime = runtime
        self._settings = settings
        self._networks = runtime.settings.provider_networks
        self._documents = Documents(settings.issuer, self._fetch, runtime.clock)
        self._asking = 0
        self.code = settings.code
        self.names: Mapping[str, str] = {"zh-CN": settings.names.zh, "en": settings.names.en}

    async def authorization_url(self, asked: Asked) -> str:
        """Where the browser goes to: the provider's own page, as its document names it."""
        document = await self._said(self._documents.discovery())
        address: str = prepare_grant_uri(
            document["authorization_endpoint"],
            self._settings.client_id,
            "code",
            asked.redirect_uri,
            " ".join(self._settings.scopes),
            asked.state,
            nonce=asked.nonce,
            code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256",
            **self._again(asked),
        )
        return address

    def _again(self, asked: Asked) -> dict[str, str]:
        """What has them prove again who they are (Core 1.0, 3.1.2.1)."""
        if asked.again_since is None:
            return {}
        said = {"prompt": "login", "max_age": str(PROVED_WITHIN)}
        if self._settings.second_factor_acr:
            said["acr_values"] = " ".join(self._settings.second_factor_acr)
        return said

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        """Exchange the code, once, and read who came from the ID token alone."""
        if self._asking >= AT_ONCE:
            raise PROVIDER_UNAVAILABLE(retry_after=2)
        self._asking += 1
        try:
            async with asyncio.timeout(SECONDS):
                return await self._said(self._identify(code, asked, issuer))
        except TimeoutError:
            raise PROVIDER_UNAVAILABLE() from None
        finally:
            self._asking -= 1

    async def ended(self, logout_token: str) -> Ended:
        """What a log-out token says (Back-Channel Logout 1.0, 2.6). Raises `PROVIDER_REFUSED` for one that is not good."""
        token = await self._said(self._decoded(logout_token))
        claims, now = token.claims, int(self._runtime.clock().timestamp())
        whom: dict[str, Any] = {name: {"essential": True} for name in ("iat", "jti", "exp", "events")}
        registry = JWTClaimsRegistry(now, LEEWAY, **whom, **self._expected())
        try:
            registry.validate(claims)
        except JoseError:
            raise PROVIDER_REFUSED() from None
        events = claims["events"]
        session, subject = claims.get("sid"), claims.get("sub")
        fits = (
            isinstance(events, dict)
            and isinstance(events.get(LOGOUT_EVENT), dict)
            and "nonce" not in claims
            and now - int(claims["iat"]) <= LOGOUT_FRESH.total_seconds()
            and str(token.header.get("typ", "logout+jwt")).lower() in ("logout+jwt", "jwt")
            and (_is_name(session) or (session is None and _is_name(subject)))
        )
        if not fits:
            raise PROVIDER_REFUSED()
        return Ended(str(claims["jti"]), session, subject)

    async def _identify(self, code: str, asked: Asked, issuer: str | None) -> Identified:
        document = await self._documents.discovery()
        expects_issuer = document.get("authorization_response_iss_parameter_supported") is True
        if (issuer is not None or expects_issuer) and issuer != self._settings.issuer:
            # RFC 9207: the answer of another provider must not be exchanged here.
            raise PROVIDER_REFUSED()
        answer = await self._exchange(document, code, asked)
        token = await self._decoded(answer["id_token"])
        params = {
            "nonce": asked.nonce,
            "client_id": self._settings.client_id,
            "access_token": answer.get("access_token"),
        }
        claims = CodeIDToken(token.claims, token.header, options=self._expected(), params=params)
        try:
            claims.validate(now=int(self._runtime.clock().timestamp()), leeway=LEEWAY)
        except (JoseError, TypeError, ValueError):
            raise PROVIDER_REFUSED() from None
        if not _is_name(claims["sub"]):
            raise PROVIDER_REFUSED()
        proved_at = self._proved_at(claims, asked)
        number = claims.get(self._settings.employee_no_claim) if self._settings.employee_no_claim else None
        session = claims.get("sid")
        return Identified(
            provider=self.code,
            tenant="",
            kind="sub",
            subject=claims["sub"],
            employee_no=number if isinstance(number, str) and number.strip() else None,
            session=session if _is_name(session) else None,
            lasts=timedelta(hours=self._settings.session_hours),
            proved_at=proved_at,
            second_factor=self._says_second_factor(claims),
        )

    def _proved_at(self, claims: Mapping[str, Any], asked: Asked) -> datetime | None:
        """When they proved who they are, if that is said. Raises `PROVIDER_REFUSED` where they did not though they had to."""
        said, now, found = claims.get("auth_time"), self._runtime.clock(), None
        if type(said) is int and 0 <= said <= now.timestamp() + LEEWAY:
            found = min(datetime.fromtimestamp(said, UTC), now)
        since = asked.again_since
        if since is not None and (found is None or found < since - timedelta(seconds=LEEWAY)):
            raise PROVIDER_REFUSED()
        return found

    def _says_second_factor(self, claims: Mapping[str, Any]) -> bool:
        """Only what the host has said that means it, as the standard writes it: `amr` a list of texts, `acr` a text."""
        methods = claims.get("amr")
        by_method = isinstance(methods, list) and any(one in self._settings.second_factor_amr for one in methods)
        return by_method or claims.get("acr") in self._settings.second_factor_acr

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }

    async def _exchange(self, document: Mapping[str, Any], code: str, asked: Asked) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        secret = self._settings.client_secret
        ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is None:
            form["client_id"] = self._settings.client_id
        elif "client_secret_basic" in ways:
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(secret.get_secret_value(), safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._settings.client_id, "client_secret": secret.get_secret_value()}
        sent = await post(document["token_endpoint"], urlencode(form).encode(), headers, allowed=self._networks)
        status, answer = _read(sent)
        if status in _REFUSALS:
            raise PROVIDER_REFUSED()
        if status != _OK or not isinstance(answer, dict) or not isinstance(answer.get("id_token"), str):
            raise Unusable
        return answer

    async def _decoded(self, text: str) -> Token:
        """A token that a key of the provider's signed, by an algorithm that the host allows."""
        for again in (False, True):
            keys = await self._documents.keys(again=again)
            if keys is None:
                break
            try:
                with warnings.catch_warnings():
                    # EdDSA is another name of Ed25519 by now; providers go on to write it.
                    warnings.simplefilter("ignore", SecurityWarning)
                    return decode(text, keys, algorithms=list(self._settings.algorithms))
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if again or not self._documents.may_be_new(error):
                    break
        raise PROVIDER_REFUSED()

    async def _fetch(self, url: str) -> Any:
        status, answer = _read(await get(url, {"Accept": "application/json"}, allowed=self._networks))
        if status != _OK:
            raise Unusable
        return answer

    async def _said(self, asking: Awaitable[Result]) -> Result:
        try:
            return await asking
        except (AddressRefusedError, Unusable, TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL):
            raise PROVIDER_UNAVAILABLE() from None


def _read(answered: Answered) -> tuple[int, Any]:
    try:
        return answered.status, json.loads(answered.body)
    except ValueError:
        return answered.status, None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST
