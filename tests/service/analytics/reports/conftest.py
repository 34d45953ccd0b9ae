"""A community with those who run it and who read what it came to."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from chassis.testing import SettableClock, received
from contracts.membership import CommunityOpened
from services.analytics.definition import definition
from services.analytics.reports import making
from tests.service.analytics.insights.conftest import Office
from tests.service.stage import JOINED, NOON, Stage

REPORTS = "/v1/reports"


class Neighbour(Stage):
    """Another community of the same installation, which is told of already."""

    async def open(self, **facts: Any) -> None:
        """Have it opened; `numbers` keeps its people apart."""
        self._numbers = facts.pop("numbers")
        self._community |= facts
        told = CommunityOpened(**self._community)
        await self.harness.deliver(received(told, occurred_at=JOINED, version=self._next(self.community_id)))


class Desk(Office):
    """The community on a Monday at noon."""

    async def asks(self, name: str = "运营", *, status: int = 202, **fields: Any) -> Any:
        """Ask for a report."""
        body = {"community_id": self.community, "from": "2024-04-01", "to": "2024-04-30"} | fields
        return await self.send(name, REPORTS, body, status=status)

    async def makes(self, **fields: Any) -> Any:
        """Ask for a report and have it made."""
        asked = await self.asks(**fields)
        await self.stage.harness.run_jobs()
        return await self.see("运营", f"{REPORTS}/{asked['id']}")

    async def page(self, report: Any, lang: str = "zh-CN", name: str = "运营") -> str:
        """The page of a report."""
        answer = await self[name].client.get(f"{REPORTS}/{report['id']}/page", params={"lang": lang})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def paper(self, report: Any, lang: str = "zh-CN") -> str:
        """The text of its PDF."""
        answer = await self["运营"].client.get(f"{REPORTS}/{report['id']}/pdf", params={"lang": lang})
        assert answer.status_code == 200, answer.text
        return "".join("".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(answer.content)).pages)

    async def weekly(self) -> list[Any]:
        """What the clock has had made a little later, the latest first."""
        self.later(minutes=16)
        await self.stage.harness.run_timers()
        await self.stage.harness.run_jobs()
        return (await self.see("运营", REPORTS, community_id=self.community, kind="weekly"))["items"]


@pytest.fixture
async def desk(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        desk = Desk(stage)
        async with harness.runtime.database.transaction() as session:
            await harness.runtime.service.timers.set_periodic(session, harness.clock())
        await desk.joins("群主", "owner")
        await desk.joins("运营", "operator")
        await desk.joins("甲")
        yield desk


async def blank(document: Any) -> bytes:
    """No PDF."""
    return f"%PDF of {document.title}".encode()


@pytest.fixture
def printed():
    """For tests that read what is on paper: setting a PDF takes a process and half a second."""


@pytest.fixture(autouse=True)
def typesetter(request, monkeypatch):
    """Sets nothing where nobody reads it."""
    if "printed" not in request.fixturenames:
        monkeypatch.setattr(making, "typeset", blank)
