"""A company's log-in by OpenID Connect as a test wants it: right, wrong, or somebody else's; and a browser that comes back from it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from chassis.provider_settings import OidcSettings, ProviderNames
from chassis.testing import Harness
from services.membership.providers.oidc import LOGOUT_EVENT
from tests.support.standins import Seen, StandIn

APP = "https://app.example.com"
PUBLIC = "https://learn.example.com"
CLIENT, SECRET = "qunxue", "a canary of a client"
_KEY = RSAKey.generate_key(2048, parameters={"kid": "first", "use": "sig"})


@dataclass
class Company:
    """Whom it says that people are, and with what it says so."""

    clock: Any
    issuer: str = ""
    key: Any = field(default_factory=lambda: _KEY)
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """What the next ID token says otherwise; None leaves a claim out."""
    header: dict[str, Any] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    shop: StandIn = field(default_factory=StandIn)

    def opens(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.shop.answers = {
            "/.well-known/openid-configuration": lambda _: self.document(),
            "/keys": lambda _: KeySet([self.key]).as_dict(private=False),
            "/token": self._token,
        }

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def lets_in(self, address: str, subject: str, **claims: Any) -> str:
        """The code with which somebody goes back who logged in at this address."""
        query = dict(parse_qsl(urlsplit(address).query))
        code = f"code {len(self.codes)}"
        self.codes[code] = {"sub": subject, "nonce": query["nonce"], **claims}
        return code

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        now = int(self.clock().timestamp())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300} | claims
        whole = {name: value for name, value in whole.items() if value is not None}
        head = {"alg": self.algorithm, "kid": "first"} | self.header | header
        if head["alg"] == "none":
            return jwt.encode(head, whole, OctKey.import_key("x" * 32), algorithms=["none"])
        return jwt.encode(head, whole, self.key, algorithms=[head["alg"]])

    def logout_token(self, **claims: Any) -> str:
        said = {"jti": "once", "events": {LOGOUT_EVENT: {}}} | claims
        return self.signed(said, typ="logout+jwt")

    def _token(self, seen: Seen) -> Any:
        form = parse_qs(seen.body.decode())
        said = self.codes.pop(form["code"][0], None)
        if said is None:
            return 400, {"content-type": "application/json"}, json.dumps({"error": "invalid_grant"}).encode()
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(said | self.claims)}

    def exchanged(self) -> list[dict[str, list[str]]]:
        """What the codes were exchanged with."""
        return [parse_qs(seen.body.decode()) for seen in self.shop.seen if seen.path == "/token"]


class Browser:
    """Somebody's browser: it keeps cookies, which it sends back whatever the address says of TLS."""

    def __init__(self, harness: Harness, company: Company) -> None:
        self.harness, self.company = harness, company
        self.cookies: dict[str, str] = {}
        self.verifier: str | None = None

    async def sent(
        self,
        *,
        client: httpx.AsyncClient | None = None,
        path: str = "authorizations",
        provider: str = "corp",
        **body: Any,
    ) -> str:
        """Where the browser is sent to begin with."""
        answer = await (client or self.harness.anonymous()).post(
            f"/v1/providers/{provider}/{path}", json=body, headers=self._cookie()
        )
        assert answer.status_code == 201, answer.text
        self.verifier = answer.json()["verifier"]
        self.keep(answer)
        return str(answer.json()["authorization_url"])

    async def back(self, address: str, **said: Any) -> httpx.Response:
        """It comes back from there; None leaves something out."""
        state = dict(parse_qsl(urlsplit(address).query))["state"]
        query = {name: value for name, value in ({"state": state} | said).items() if value is not None}
        headers = self._cookie() | query.pop("headers", {})
        path = f"/v1/providers/{query.pop('provider', 'corp')}/callback"
        answer = await self.harness.anonymous().get(path, params=query, headers=headers)
        self.keep(answer)
        return answer

    async def logs_in(self, subject: str, *, claims: dict[str, Any] | None = None, **body: Any) -> httpx.Response:
        """All of it."""
        address = await self.sent(**body)
        return await self.back(address, code=self.company.lets_in(address, subject, **(claims or {})))

    async def fetches(self, answer: httpx.Response, **other: Any) -> httpx.Response:
        """The app fetches the session that this answer leads to."""
        said = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        body = {"login_code": said["login_code"], "verifier": self.verifier} | other
        return await self.harness.anonymous().post("/v1/providers/corp/sessions", json=body)

    async def enters(self, subject: str, **claims: Any) -> httpx.AsyncClient:
        """A client of who has logged in."""
        answer = await self.logs_in(subject, claims=claims, transport="body")
        assert answer.status_code == 303, answer.text
        fetched = await self.fetches(answer)
        assert fetched.status_code == 201, fetched.text
        client = self.harness.anonymous()
        client.headers["Authorization"] = f"Bearer {fetched.json()['access_token']}"
        client.headers["X-Refresh"] = fetched.json()["refresh_token"]
        return client

    def keep(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if not self.cookies[name]:
                del self.cookies[name]

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}


def corp(company: Company, **other: Any) -> OidcSettings:
    """The provider as a host sets it up."""
    said: dict[str, Any] = {
        "code": "corp",
        "names": ProviderNames(zh="公司账号", en="Company account"),
        "issuer": company.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "employee_no_claim": "employee_number",
    }
    return OidcSettings(**(said | other))


HALF_A_DAY = timedelta(hours=12)
