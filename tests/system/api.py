"""The public API as a client sees it, with every unexpected answer told in full."""

import ssl
import time
from collections.abc import Callable
from typing import Any, Final, Self

import httpx

from tests.support.answers import at_the_gateway

PATIENCE = 120.0
AGAIN = 3
"""Times that a client comes again to a product that is busy."""
NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client verifies by that speaks to this machine alone, without TLS: else each reads all authorities anew, for 30 ms."""


class Api:
    """A client of the gateway, logged in or not."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.client = httpx.Client(
            base_url=url,
            timeout=30,
            trust_env=False,
            verify=NO_TLS,
            headers={"Accept-Language": "en"},
            event_hooks={"response": [at_the_gateway().hold_now]},
        )
        if token:
            self.client.headers["Authorization"] = f"Bearer {token}"
        self.tokens: dict[str, Any] = {}
        self.password: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.client.close()

    def log_in(self, login: str, password: str) -> "Api":
        """A client of this person."""
        tokens = self.post("/v1/sessions", {"login": login, "password": password}, expect=201)
        api = Api(self.url, tokens["access_token"])
        api.tokens, api.password = tokens, password
        return api

    def prove_again(self, **by: str) -> None:
        """Go on with a token that says that this client's person has just proved who they are, by their password or `code`."""
        proof = by or {"password": self.password or ""}
        fresh = self.client.post("/v1/sessions/current/step-up", json=proof)
        assert fresh.status_code == 200, fresh.text
        self.client.headers["Authorization"] = f"Bearer {fresh.json()['access_token']}"

    def as_service(self, account: dict[str, Any]) -> "Api":
        """A client of a service account."""
        body = {"client_id": account["id"], "client_secret": account["secret"]}
        return Api(self.url, self.post("/v1/tokens", body, expect=(200, 201))["access_token"])

    def get(self, path: str, *, expect: int | tuple[int, ...] = 200, **params: Any) -> Any:
        return self.call("GET", path, expect=expect, params=params)

    def post(
        self, path: str, json: Any = None, *, expect: int | tuple[int, ...] = (200, 201, 202, 204), **options: Any
    ) -> Any:
        return self.call("POST", path, expect=expect, json=json if json is not None else {}, **options)

    def patch(self, path: str, json: Any, *, expect: int | tuple[int, ...] = 200) -> Any:
        """An edit of what it reads first."""
        etag = self._answered("GET", path).headers["etag"]
        return self.call("PATCH", path, expect=expect, json=json, headers={"If-Match": etag})

    def upload(self, path: str, content: bytes, media_type: str = "text/csv", **params: Any) -> dict[str, Any]:
        """Start an import and wait for its end."""
        headers = {"Content-Type": media_type}
        response = self._answered("POST", path, content=content, headers=headers, params=params)
        assert response.status_code == 202, f"{path}: {response.status_code} {response.text}"
        place = response.headers["location"]
        return self.until(place, lambda job: job["state"] in {"succeeded", "failed", "cancelled"})

    def until(self, path: str, holds: Callable[[Any], bool], *, patience: float = PATIENCE, **params: Any) -> Any:
        """Read again and again until it holds: for what follows by integration event."""
        end = time.monotonic() + patience
        while True:
            response = self.client.get(path, params=params)
            if response.status_code == 200 and holds(response.json()):
                return response.json()
            assert time.monotonic() < end, f"{path} never got there: {response.status_code} {response.text[:2000]}"
            time.sleep(0.1)

    def until_refused(self, path: str, code: str, *, patience: float = PATIENCE) -> None:
        """Read again and again until it is refused: a token lives a few seconds longer than its session."""
        end = time.monotonic() + patience
        while (response := self.client.get(path)).status_code != 401:
            assert time.monotonic() < end, f"{path} is still answered: {response.status_code}"
            time.sleep(0.1)
        assert response.json()["code"] == code, response.text

    def problem(self, method: str, path: str, status: int, code: str, **options: Any) -> dict[str, Any]:
        """A refusal, which must be the one expected."""
        response = self._answered(method, path, but=status, **options)
        said = f"{method} {path}: {response.status_code} {response.text[:2000]}"
        assert response.status_code == status, said
        assert response.headers["content-type"].startswith("application/problem+json"), said
        body: dict[str, Any] = response.json()
        assert body["code"] == code, said
        return body

    def call(self, method: str, path: str, *, expect: int | tuple[int, ...], **options: Any) -> Any:
        response = self._answered(method, path, **options)
        if response.status_code == 401 and self.password and response.json()["code"] == "step_up_required":
            # As every client does, after asking for it.
            self.prove_again()
            response = self._answered(method, path, **options)
        expected = (expect,) if isinstance(expect, int) else expect
        assert response.status_code in expected, f"{method} {path}: {response.status_code} {response.text[:2000]}"
        return response.json() if response.content else None

    def _answered(self, method: str, path: str, *, but: int | None = None, **options: Any) -> httpx.Response:
        """The answer of a product that is not busy, unless `but`, the status that is wanted, is that of one that is."""
        response = self.client.request(method, path, **options)
        for _ in range(AGAIN):
            if response.status_code != 503 or but == 503 or "retry-after" not in response.headers:
                break
            # So says the guide: nothing has changed, come again.
            time.sleep(float(response.headers["retry-after"]))
            response = self.client.request(method, path, **options)
        return response
