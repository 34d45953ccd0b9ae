"""A client of the import operations: uploads a file, follows the job, collects its errors."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

import httpx

from qunxue.archives import as_upload

POLL_SECONDS = 0.3
GONE_SECONDS = 120.0
"""How long the gateway may be away while a job is followed: a restart must not end the command."""
STARTING_SECONDS = 30.0
"""How long a server may take until it answers."""
ERRORS_SHOWN = 20

Report = Callable[[int, int | None, bool], None]
"""Told how many rows are done, of how many, and whether the job is paused until its messages are published."""


class ImportFailed(Exception):
    """The import did not end well; the message says why."""


@dataclass
class FinishedJob:
    """A job that succeeded, with the first of its row errors."""

    path: str
    done: int
    failed: int
    total: int
    errors: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """How many rows made, changed or left as it was what they are about, by the import's own words."""


class Importer:
    """Imports through the public API with a service account. A context manager."""

    def __init__(
        self, *, url: str, client_id: str, client_secret: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=60.0, follow_redirects=True, headers={"Accept-Language": "en"}, transport=transport
        )
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._token_until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.close()

    def run(self, what: str, file: Path, *, community: str | None, dry_run: bool, report: Report) -> FinishedJob:
        """Import a file and wait for the end. Raises `ImportFailed`."""
        content, media_type = as_upload(file, what)
        self._wait_until_it_answers()
        parameters: dict[str, str] = {"dry_run": "true"} if dry_run else {}
        if community is not None:
            parameters["community_id"] = self._community_id(community)
        answer = self._request("POST", f"/v1/{what}/imports", params=parameters, content=content, media_type=media_type)
        path = answer.headers["location"]
        job = self._follow(path, report)
        if job["state"] != "succeeded":
            raise ImportFailed(f"the import {job['state']}: {job.get('error') or 'no reason given'}")
        errors = self._request("GET", f"{path}/errors", params={"limit": str(ERRORS_SHOWN)}).json()["items"]
        return FinishedJob(
            path, job["done"], job["failed"], job["total"] or job["done"], errors, job.get("result") or {}
        )

    def _wait_until_it_answers(self) -> None:
        """A server that is starting is waited for."""
        until = time.monotonic() + STARTING_SECONDS
        while True:
            try:
                self._send("GET", "/livez")
            except _Unreachable:
                if time.monotonic() > until:
                    raise
                time.sleep(POLL_SECONDS)
            else:
                return

    def _community_id(self, community: str) -> str:
        try:
            return str(UUID(community))
        except ValueError:
            found = self._request("GET", f"/v1/communities/by-slug/{quote(community, safe='')}").json()
        return str(found["id"])

    def _follow(self, path: str, report: Report) -> dict[str, Any]:
        gone_since: float | None = None
        while True:
            try:
                job: dict[str, Any] = self._request("GET", path).json()
            except _Unreachable as error:
                gone_since = gone_since or time.monotonic()
                if time.monotonic() - gone_since > GONE_SECONDS:
                    raise ImportFailed(f"the gateway has been away for {GONE_SECONDS:.0f} s: {error}") from None
                time.sleep(POLL_SECONDS)
                continue
            gone_since = None
            report(job["done"], job["total"], job["state"] == "paused")
            if job["state"] in {"succeeded", "failed", "cancelled"}:
                return job
            time.sleep(POLL_SECONDS)

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        content: bytes | None = None,
        media_type: str | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        if media_type is not None:
            headers["Content-Type"] = media_type
        return self._send(method, path, params=params, content=content, headers=headers)

    def _token(self) -> str:
        if time.monotonic() >= self._token_until:
            body = self._send("POST", "/v1/tokens", json=self._credentials).json()
            self._access_token = str(body["access_token"])
            self._token_until = time.monotonic() + body["expires_in"] - 60
        return self._access_token

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise _Unreachable(f"{self._client.base_url} cannot be reached: {error}") from error
        if response.status_code in {502, 503, 504}:
            raise _Unreachable(f"{self._client.base_url} answered {response.status_code}")
        if response.is_error:
            raise ImportFailed(_explain(response))
        return response


class _Unreachable(ImportFailed):
    """Nobody answered; somebody may a little later."""


def _explain(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return f"{response.request.url.path} answered {response.status_code}"
    parts = [str(problem.get("title", response.status_code)), str(problem.get("detail", ""))]
    parts += [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", [])]
    return "; ".join(part for part in parts if part)
