"""A community with an operator who reads what it is counted as."""

from datetime import datetime
from typing import Any

import httpx

from chassis.testing import received
from contracts.membership import CommunityUpdated, MemberLeft, PersonUpdated
from tests.service.stage import JOINED, OnStage, Stage


class Counted(Stage):
    """One community; times are the harness's clock's."""

    operator: httpx.AsyncClient

    async def prepare(self) -> None:
        """Have an operator join."""
        self.operator = (await self.member(roles=("member", "operator"))).client

    @property
    def here(self) -> dict[str, Any]:
        """The community, as queries name it."""
        return {"community_id": str(self.community_id)}

    async def values(self, code: str, from_: str, to: str, **query: Any) -> list[dict[str, Any]]:
        """The values of a metric."""
        response = await self.operator.get(f"/v1/metrics/{code}", params=self.here | {"from": from_, "to": to} | query)
        assert response.status_code == 200, response.text
        return response.json()["items"]

    async def leaves(self, one: OnStage, *, at: datetime) -> None:
        """Have a membership end."""
        data = MemberLeft(**self._member(one, at, status="left"))
        await self.harness.deliver(received(data, occurred_at=at, version=self._next(one.id)))

    async def moves(self, one: OnStage, department: str, *, at: datetime, version: int | None = None) -> None:
        """Have somebody work in another department from then on."""
        data = self._person(PersonUpdated, one, None).model_copy(update={"department_code": department})
        await self.harness.deliver(received(data, occurred_at=at, version=version or self._next(one.person_id)))

    async def told_from_the_beginning(self, **facts: Any) -> list[Any]:
        """The messages that say that the community has been like this ever since it was opened: of a version that was missed."""
        told = CommunityUpdated(**(self._community | facts))
        return [received(told, occurred_at=JOINED, version=self._next(self.community_id))]
