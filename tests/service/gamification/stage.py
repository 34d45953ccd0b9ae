"""A community with members on a running gamification service, and what they do there."""

from datetime import timedelta
from typing import Any

import httpx

from tests.service.stage import JOINED as JOINED
from tests.service.stage import NOON as NOON
from tests.service.stage import ZONE as ZONE
from tests.service.stage import OnStage as OnStage
from tests.service.stage import Stage as Community
from tests.service.stage import moment as moment


class Stage(Community):
    """One community; times are the harness's clock's."""

    async def check_in(self, one: OnStage, **body: Any) -> httpx.Response:
        """Check a member in by the API."""
        return await one.client.post("/v1/checkins", json={"community_id": str(self.community_id)} | body)

    async def check_in_on(self, one: OnStage, *days: int) -> list[dict[str, Any]]:
        """Check in on days counted from NOON's, each at noon; the clock stays at the last one."""
        answers = []
        for day in days:
            self.harness.clock.now = NOON + timedelta(days=day)
            response = await self.check_in(one)
            assert response.status_code == 201, response.text
            answers.append(response.json())
        return answers

    async def import_csv(self, *rows: str, dry_run: bool = False) -> dict[str, Any]:
        """Import check-ins from CSV rows by a service account; returns the finished job."""
        text = "\n".join(["employee_no,occurred_at,note,source_ref", *rows])
        return await self.import_content(text.encode(), "text/csv", dry_run=dry_run)

    async def import_content(self, content: bytes, media_type: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Import check-ins; returns the finished job."""
        job = await self.start_import(content, media_type, dry_run=dry_run)
        await self.harness.run_jobs()
        return await self.job(job)

    async def start_import(self, content: bytes, media_type: str, *, dry_run: bool = False) -> str:
        """Start an import and return where its job is."""
        response = await self.service("checkins.import").post(
            "/v1/checkins/imports",
            params={"community_id": str(self.community_id), "dry_run": dry_run},
            content=content,
            headers={"Content-Type": media_type},
        )
        assert response.status_code == 202, response.text
        return response.headers["Location"]

    async def job(self, location: str) -> dict[str, Any]:
        """A job with its errors."""
        client = self.service("checkins.import")
        job = (await client.get(location)).json()
        errors = (await client.get(f"{location}/errors", params={"limit": 100})).json()["items"]
        return job | {"errors": [(error["row"], error["code"]) for error in errors]}

    async def board(self, client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
        """Read a leaderboard."""
        response = await client.get("/v1/leaderboards", params={"community_id": str(self.community_id)} | query)
        assert response.status_code == 200, response.text
        return response.json()
