"""Contests under hurry: four devices of one member, and many members in the same minute."""

import asyncio
from uuid import UUID

from tests.service.events.competing import ATTEMPTS, CONTESTS, board, contest_of, in_the_bank, runs, saves, solved


async def test_four_devices_begin_one_attempt_and_one_of_them_saves(hall):
    with in_the_bank():
        contest = await contest_of(hall, "甲")
        hall.later(hours=1)
        devices = [UUID(int=one) for one in range(1, 5)]
        answers = await asyncio.gather(
            *(
                hall["甲"].client.post(ATTEMPTS, json={"contest_id": contest["id"], "client_id": str(one)})
                for one in devices
            )
        )
        assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
        assert len({one.json()["id"] for one in answers}) == 1
        sheet = answers[0].json()
        statuses = []
        for place, one in enumerate(devices):
            body = {"client_id": str(one), "answers": [solved(sheet, 0)[0] | {"sequence": place + 1}]}
            statuses.append((await hall["甲"].client.put(f"{ATTEMPTS}/{sheet['id']}/answers", json=body)).status_code)
        assert sorted(statuses) == [200, 409, 409, 409]
        assert len((await hall.see("群主", f"{CONTESTS}/{contest['id']}/attempts"))["items"]) == 1


async def test_saves_that_cross_leave_the_greatest_sequence_and_the_right_score(hall):
    with in_the_bank():
        contest = await contest_of(hall, "甲")
        hall.later(hours=1)
        body = {"contest_id": contest["id"], "client_id": str(UUID(int=1))}
        sheet = (await hall["甲"].client.post(ATTEMPTS, json=body)).json()
        right, wrong = solved(sheet, 0, 1), solved(sheet, 0, 1, wrong=True)
        await asyncio.gather(
            *(
                saves(hall, "甲", sheet, right if sequence == 8 else wrong, sequence=sequence)
                for sequence in (3, 8, 1, 7, 2, 6)
            )
        )
        hall.later(hours=1)
        assert await board(hall, "甲", contest) == [(1, "甲", 400)]


async def test_forty_members_answer_within_the_same_minute(hall):
    names = [f"第{one}人" for one in range(40)]
    for name in names:
        await hall.joins(name)
    with in_the_bank():
        contest = await contest_of(hall, *names)
        hall.later(hours=1)
        body = {"contest_id": contest["id"], "client_id": str(UUID(int=1))}
        begun = await asyncio.gather(*(hall[name].client.post(ATTEMPTS, json=body) for name in names))
        sheets = {name: one.json() for name, one in zip(names, begun, strict=True)}
        await asyncio.gather(
            *(
                saves(hall, name, sheets[name], solved(sheets[name], *range(1 + place % 5)))
                for place, name in enumerate(names)
            )
        )
        hall.later(hours=1)
        await runs(hall)
        [told] = await hall.stage.harness.published("events.contest.")
        scores = {one["member_ids"][0]: one["score"] for one in told.data["standings"]}
        assert scores == {str(hall[name].id): 200 * (1 + place % 5) for place, name in enumerate(names)}
