"""What of contests is there only for some: whatever others try, it is as if there were none."""

from uuid import UUID, uuid4

import pytest

from tests.service.events.competing import (
    ATTEMPTS,
    CONTESTS,
    PAPER,
    TEAMS,
    begins,
    contest_of,
    hands_in,
    in_the_bank,
    key,
    runs,
)
from tests.service.events.test_contest_corrections import CORRECTED


@pytest.fixture(autouse=True)
def bank():
    with in_the_bank(corrected={0: (2, CORRECTED)}):
        yield


async def asked(hall, name, method, path, there, body=None):
    """The answer about what is there, which must be that about what is not."""
    said = []
    for one in (str(there), str(uuid4())):
        given = {field: one if value is ... else value for field, value in body.items()} if body is not None else None
        answer = await hall[name].client.request(
            method, path.format(one), json=given, headers={"If-Match": '"1"'} if body == {"minutes": 20} else {}
        )
        said.append((answer.status_code, answer.json()["code"]))
    assert said[0] == said[1], (method, path)
    return said[0]


OF_A_CONTEST = [
    ("GET", "/v1/contests/{}", None),
    ("PATCH", "/v1/contests/{}", {"minutes": 20}),
    ("POST", "/v1/contests/{}/publish", None),
    ("GET", "/v1/contests/{}/board", None),
    ("GET", "/v1/contests/{}/attempts", None),
    ("POST", "/v1/contests/{}/extra-time", {"member_id": str(UUID(int=1)), "minutes": 5}),
    ("POST", "/v1/contests/{}/teams", {"name": "红队", "member_ids": [str(UUID(int=1))]}),
    ("GET", "/v1/contests/{}/regrades", None),
    ("POST", "/v1/contests/{}/regrades", {"question_ids": [key(0)], "reason": "有误"}),
    ("POST", ATTEMPTS, {"contest_id": ..., "client_id": str(UUID(int=1))}),
    ("POST", TEAMS, {"contest_id": ..., "name": "红队"}),
    ("GET", TEAMS + "?contest_id={}", None),
]


@pytest.mark.parametrize("status", ["open", "archived"])
async def test_a_draft_is_not_told_by_what_is_tried_with_it(hall, status):
    contest = await contest_of(hall, "甲", publish=False, teams=True)
    if status == "archived":
        await hall.stage.change(status="archived")
    for method, path, body in OF_A_CONTEST:
        assert await asked(hall, "甲", method, path, contest["id"], body) == (404, "not_found"), (method, path)


async def test_an_activity_that_is_no_contest_yet_is_not_told_either(hall):
    activity = await hall.prepares(kind="contest")
    times = {"opens_at": hall.after(hours=1), "closes_at": hall.after(hours=2), "minutes": 30}
    body = {"activity_id": ..., "paper_id": str(PAPER), "paper_version": 1} | times
    assert await asked(hall, "甲", "POST", CONTESTS, activity["id"], body) == (404, "not_found")


async def test_attempts_and_corrections_are_there_for_nobody_who_may_do_nothing_with_them(hall):
    contest = await contest_of(hall, "甲")
    hall.later(hours=1)
    sheet = await begins(hall, "甲", contest)
    await hands_in(hall, "甲", sheet)
    device, one = {"client_id": str(UUID(int=1))}, ATTEMPTS + "/{}"
    tries = (
        ("GET", one, None),
        ("PUT", f"{one}/answers", device | {"answers": [{"number": 1, "sequence": 1}]}),
        ("POST", f"{one}/hand-in", device),
        ("POST", f"{one}/reopen", {"reason": "误交"}),
    )
    for status in ("archived", "open"):
        await hall.stage.change(status=status)
        for method, path, body in tries:
            assert await asked(hall, "乙", method, path, sheet["id"], body) == (404, "not_found"), (method, path)
        assert (await hall["甲"].client.get(one.format(sheet["id"]))).status_code == 200
        again = await hall["甲"].client.post(f"{one}/hand-in".format(sheet["id"]), json=device)
        assert again.status_code == (409 if status == "archived" else 200)
    hall.later(hours=2)
    await runs(hall)
    correction = {"question_ids": [key(0)], "reason": "答案有误"}
    tried = await hall.send("群主", f"{CONTESTS}/{contest['id']}/regrades", correction, status=201)
    for method, rest, body in (
        ("GET", "", None),
        ("GET", "/lines", None),
        ("POST", "/apply", {}),
        ("POST", "/drop", None),
    ):
        path = CONTESTS + "/regrades/{}" + rest
        assert await asked(hall, "甲", method, path, tried["id"], body) == (404, "not_found"), (method, path)
    # What members know of is refused as such.
    refused = await hall.send("甲", f"{CONTESTS}/{contest['id']}/regrades", correction, status=403)
    assert refused["code"] == "forbidden"


async def test_who_is_not_in_a_team_has_nothing_to_leave(hall):
    contest = await contest_of(hall, "甲", "乙", teams=True)
    red = await hall.send("甲", TEAMS, {"contest_id": contest["id"], "name": "红队"}, status=201)
    await hall.send("乙", TEAMS, {"contest_id": contest["id"], "name": "蓝队"}, status=201)
    leave = TEAMS + "/{}/leave"
    for name in "乙丙":
        assert await asked(hall, name, "POST", leave, red["id"]) == (404, "not_found")
    assert (await hall["甲"].client.post(leave.format(red["id"]))).status_code == 204
    assert await asked(hall, "甲", "POST", leave, red["id"]) == (404, "not_found")
