"""Any order of saving, handing in, the clock, more time, reopening and changing the device."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.service.events.competing import ATTEMPTS, CONTESTS, board, contest_of, in_the_bank, runs, solved

DEVICES = [UUID(int=1), UUID(int=2)]
MINUTES = 30
STEPS = ["begin", "save", "save", "save", "hand_in", "extra", "reopen", "clock", "timers"]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("seed", range(3))
async def test_there_is_one_attempt_with_the_right_time_and_the_answers_that_came_in_it(hall, seed, final):
    with in_the_bank():
        contest = await contest_of(hall, "甲", answers_final=final, board_frozen_from=hall.after(hours=1, minutes=40))
        hall.later(hours=1)
        told = Told(hall, contest, Random(seed), final=final)
        for _ in range(40):
            told.settle()
            await getattr(told, told.random.choice(STEPS))()
            told.settle()
            await told.holds()
        await told.ends()


class Told:
    """What should be, told by hand beside what is."""

    def __init__(self, hall, contest, random, *, final):
        self.hall, self.contest, self.random, self.final = hall, contest, random, final
        self.closes = datetime.fromisoformat(contest["closes_at"])
        self.sheet: Any = None
        self.device: Any = None
        self.started: Any = None
        self.handed_in: Any = None
        self.moved, self.sequence = timedelta(), 0
        self.kept: dict[int, tuple[int, bool]] = {}

    @property
    def end(self):
        return min(self.started + timedelta(minutes=MINUTES), self.closes) + self.moved

    def settle(self):
        if self.started is not None and self.handed_in is None and self.hall.now >= self.end:
            self.handed_in = self.end

    async def begin(self):
        chosen = self.random.choice(DEVICES)
        body = {"contest_id": self.contest["id"], "client_id": str(chosen)}
        answer = await self.hall["甲"].client.post(ATTEMPTS, json=body)
        if self.started is None and self.hall.now >= self.closes + self.moved:
            assert answer.status_code == 409
            return
        assert answer.status_code == (201 if self.started is None else 200)
        assert self.sheet is None or answer.json()["id"] == self.sheet["id"]
        self.started, self.sheet, self.device = self.started or self.hall.now, answer.json(), chosen

    async def save(self):
        if self.sheet is None:
            return
        random = self.random
        chosen, number, right = random.choice(DEVICES), random.randrange(5), random.random() < 0.5
        given = random.randint(max(1, self.sequence - 3), self.sequence + 3)
        [one] = solved(self.sheet, number, wrong=not right)
        body = {"client_id": str(chosen), "answers": [one | {"sequence": given}]}
        answer = await self.hall["甲"].client.put(f"{ATTEMPTS}/{self.sheet['id']}/answers", json=body)
        before = self.kept.get(number)
        newer = before is None or given > before[0]
        changed = self.final and newer and before is not None and before[1] != right
        if self.handed_in is not None or chosen != self.device or changed:
            assert answer.status_code == 409
            return
        assert answer.status_code == 200
        self.sequence = max(self.sequence, given)
        if newer:
            self.kept[number] = (given, right)

    async def hand_in(self):
        if self.sheet is not None:
            body = {"client_id": str(self.device)}
            answer = await self.hall["甲"].client.post(f"{ATTEMPTS}/{self.sheet['id']}/hand-in", json=body)
            assert answer.status_code == 200
            self.handed_in = self.handed_in or self.hall.now

    async def extra(self):
        body = {"member_id": str(self.hall["甲"].id), "minutes": self.random.randint(1, 5)}
        answer = await self.hall["群主"].client.post(f"{CONTESTS}/{self.contest['id']}/extra-time", json=body)
        if answer.status_code == 200:
            self.moved += timedelta(minutes=body["minutes"])

    async def reopen(self):
        if self.sheet is not None:
            path = f"{ATTEMPTS}/{self.sheet['id']}/reopen"
            answer = await self.hall["群主"].client.post(path, json={"reason": "误交"})
            if answer.status_code == 200 and self.handed_in is not None:
                self.moved += self.hall.now - self.handed_in
                self.handed_in = None

    async def clock(self):
        self.hall.later(seconds=self.random.randint(1, 300))

    async def timers(self):
        await runs(self.hall)

    async def holds(self):
        if self.sheet is None:
            return
        seen = await self.hall.see("甲", f"{ATTEMPTS}/{self.sheet['id']}")
        assert datetime.fromisoformat(seen["ends_at"]) == self.end
        handed_in = self.handed_in and self.handed_in.isoformat().replace("+00:00", "Z")
        assert seen["handed_in_at"] == handed_in
        assert seen["sequence"] == max((one[0] for one in self.kept.values()), default=0)

    async def ends(self):
        self.hall.later(days=3)
        await runs(self.hall)
        right = sum(one[1] for one in self.kept.values())
        if self.sheet is not None:
            assert await board(self.hall, "甲", self.contest) == [(1, "甲", 200 * right)]
        told = await self.hall.stage.harness.published("events.contest.finished")
        assert len(told) == (self.sheet is not None)
