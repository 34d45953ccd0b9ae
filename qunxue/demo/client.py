"""Calling the public API as a person of the demo."""

import time
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

import httpx

PATIENCE_SECONDS = 60.0
"""How long what follows by message is waited for."""
TRIES = 5
POLL_SECONDS = 0.1


class DemoFailed(Exception):
    """The demo could not be filled; the message says where."""


class Client:
    """A client of the gateway, as somebody or as nobody."""

    def __init__(self, url: str, token: str | None = None, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Accept-Language": "zh-CN"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._transport = transport
        self._password: str | None = None
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=60.0, headers=headers, trust_env=False, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.close()

    def log_in(self, login: str, password: str) -> "Client":
        """A client of this person."""
        tokens = self.post("/v1/sessions", {"login": login, "password": password})
        client = Client(self.url, tokens["access_token"], transport=self._transport)
        client._password = password
        return client

    def get(self, path: str, **parameters: Any) -> Any:
        return self.send("GET", path, params=parameters).json()

    def every(self, path: str, **parameters: Any) -> list[Any]:
        """All items of a list, page after page."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.get(path, limit=100, **parameters, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    def post(self, path: str, body: Any = None) -> Any:
        """What a command answers; one that is sent again after a fault takes effect once."""
        answer = self.send("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any = None) -> Any:
        answer = self.send("PUT", path, json=body or {})
        return answer.json() if answer.content else None

    def change(self, path: str, body: Any, *, command: str = "") -> Any:
        """An edit, or with `command` what moves it on, of the state that was just read."""
        etag = self.send("GET", path).headers["etag"]
        how = {"json": body, "headers": {"If-Match": etag}}
        return self.send("POST" if command else "PATCH", path + command, **how).json()

    def upload(self, path: str, content: bytes, media_type: str, **parameters: Any) -> dict[str, Any]:
        """An import, followed until it ended; each of its rows must be taken."""
        answer = self.send("POST", path, content=content, params=parameters, headers={"Content-Type": media_type})
        place = answer.headers["location"]
        job: dict[str, Any] = self.until(place, lambda body: body["state"] in {"succeeded", "failed", "cancelled"})
        if job["state"] != "succeeded" or job["failed"]:
            errors = self.get(f"{place}/errors")["items"][:3]
            raise DemoFailed(f"{path}: {job['state']}, {job['failed']} rows with errors: {errors}")
        return job

    def until(self, path: str, holds: Callable[[Any], bool], **parameters: Any) -> Any:
        """Read again until it holds: for what follows by message."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._once("GET", path, params=parameters)
            if answer.is_success and holds(answer.json()):
                return answer.json()
            if time.monotonic() > end:
                raise DemoFailed(f"{path} did not follow within {PATIENCE_SECONDS:.0f} s: {_said(answer)}")
            time.sleep(POLL_SECONDS)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request, again where the answer says that nothing was done."""
        answer = self._once(method, path, **options)
        for _again in range(TRIES):
            if answer.status_code not in {429, 503}:
                break
            time.sleep(min(float(answer.headers.get("retry-after", "1")), 10.0))
            answer = self._once(method, path, **options)
        if answer.status_code == 401 and self._password is not None and answer.json()["code"] == "step_up_required":
            self._prove_again(self._password)
            answer = self._once(method, path, **options)
        if answer.is_error:
            raise DemoFailed(f"{method} {path}: {_said(answer)}")
        return answer

    def _prove_again(self, password: str) -> None:
        """A slow machine fills the demo for longer than the log-in is fresh."""
        answer = self._once("POST", "/v1/sessions/current/step-up", json={"password": password})
        if answer.is_error:
            raise DemoFailed(f"step-up: {_said(answer)}")
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _once(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise DemoFailed(f"{self.url} cannot be reached: {error}") from error


def _said(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:500]}"
