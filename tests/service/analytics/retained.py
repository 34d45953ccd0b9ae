"""A community whose members come, stay and go, and what is told of them: also as rows that know nothing of the product."""

import random
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts.membership import MemberJoined, MemberLeft, MemberRoleChanged, PersonRegistered
from services.analytics.retention.rules import CohortGrain
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON, OnStage, moment
from tests.support.raw_facts import RawFacts

ZONE = "Europe/Berlin"
BEGINNING = datetime(2023, 12, 29, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Retained(Counting):
    """A community in a zone whose clocks change, with an operator who asks."""

    async def prepare(self) -> None:
        await self.open(time_zone=ZONE)
        self.operator = (await self.member(joined_at=moment("2020-01-01T12:00:00Z"), roles=("operator",))).client

    async def retention(self, *, status: int = 200, **query):
        params = {"community_id": str(self.community_id)} | query
        answer = await self.operator.get("/v1/retention", params=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def cells(self, **query):
        """By cohort: its size and how many were active in each of its windows."""
        found = await self.retention(**query)
        return {
            item["cohort"]: (item["size"], [cell and cell["n"] for cell in item["cells"]]) for item in found["items"]
        }

    async def leave_at(self, one: OnStage, at: datetime) -> None:
        left = MemberLeft(**self._member(one, at, status="left"))
        await self.harness.deliver(received(left, occurred_at=at, version=self._next(one.id)))


QUESTIONS: list[dict[str, Any]] = [
    {"cohort": grain.value, "count": count, "staff": staff, "cells": 20, "from": "2023-12-25", "to": "2024-05-06"}
    for grain, count, staff in product(CohortGrain, ("calendar", "rolling"), (False, True))
]


class Story:
    """What becomes of some members in four months, around midnights and around the night in which the clocks change."""

    def __init__(self, stage: Retained, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self.messages = []
        self.raw = RawFacts()
        for number in range(12):
            self._member(number)

    def _moment(self, since: datetime) -> datetime:
        """Often near a midnight in Berlin, or in the hours around the change of its clocks."""
        found = since + (NOON - since) * self._chance.random()
        if self._chance.random() < 0.5:
            midnight = found.replace(hour=22, minute=0, second=0, microsecond=0)
            found = midnight + timedelta(minutes=self._chance.randrange(-90, 150))
        if self._chance.random() < 0.2:
            found = moment("2024-03-30T22:30:00Z") + timedelta(minutes=self._chance.randrange(240))
        return min(max(found, since), NOON - HOUR)

    def _member(self, number: int) -> None:
        stage, one = self._stage, OnStage(new_id(), new_id(), f"S{number}", self._stage.operator)
        joined_at = self._moment(BEGINNING)
        runs_it = number == 0
        told: list[Any] = [MemberJoined(**stage._member(one, joined_at, roles=("owner",) if runs_it else ()))]
        moments = [joined_at]
        if number in {1, 2}:
            promoted_at = joined_at + (HOUR if number == 1 else 40 * DAY)
            told.append(MemberRoleChanged(**stage._member(one, joined_at, roles=("operator",))))
            moments.append(promoted_at)
        if number in {3, 4}:
            told.append(MemberLeft(**stage._member(one, joined_at, status="left")))
            moments.append(joined_at + 10 * DAY)
        if number == 4:
            told.append(MemberJoined(**stage._member(one, joined_at + 30 * DAY)))
            moments.append(joined_at + 30 * DAY)
        registered = stage._person(PersonRegistered, one, None)
        self.messages.append(received(registered, occurred_at=joined_at))
        for version, (data, then) in enumerate(zip(told, moments, strict=True), start=1):
            self.messages.append(received(data, occurred_at=then, version=version))
        joins = [then for data, then in zip(told, moments, strict=True) if isinstance(data, MemberJoined)]
        self.raw.join((str(one.id), then) for then in joins)
        self.raw.stand([(str(one.id), joined_at, runs_it)])
        if number in {1, 2}:
            self.raw.stand([(str(one.id), moments[1], True)])
        for _ in range(self._chance.randrange(25)):
            self._deed(one.id, self._moment(joined_at))

    def _deed(self, member_id: UUID, happened_at: datetime) -> None:
        reply = self._stage.reply(member_id, happened_at)
        key, told = str(reply.data.reply_id), [reply]
        self.raw.tell([(key, str(member_id), happened_at, 1, True)])
        for version in range(2, 2 + self._chance.choice((0, 0, 0, 1, 2))):
            restored = version % 2 == 1
            told.append(self._stage.removed(reply, happened_at, version=version, restored=restored))
            self.raw.tell([(key, None, None, version, restored)])
        self.messages += told

    async def tell(self) -> None:
        """Disordered, a third of it twice, in some batches."""
        told = self.messages + self._chance.sample(self.messages, len(self.messages) // 3)
        self._chance.shuffle(told)
        for begin in range(0, len(told), 97):
            await self._stage.harness.deliver(*told[begin : begin + 97])
            # What is kept from here on must not outlive what comes after it.
            for question in QUESTIONS:
                await self._stage.cells(**question)
