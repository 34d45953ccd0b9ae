"""A mentor and a mentee, from the proposal to what each says of it, and what both earn by it."""

from datetime import timedelta

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey

MENTOR, MENTEE = ACCEPTED, WAITLISTED
WEEKS = 4
PAID = 60
SAID = {MENTOR: {"rating": 4, "words": "学得很快"}, MENTEE: {"rating": 5, "words": "每周都有进步"}}


def walk_a_mentorship(journey: Journey, ids: dict[str, str]) -> None:
    """A member asks a mentor, who accepts; they write goals and notes; by the clock it is completed, and both say how it was."""
    here = {"community_id": journey.community_id}
    owner, mentor, mentee = (journey[number] for number in (OWNER, MENTOR, MENTEE))
    owner.post("/v1/role-grants", {"member_id": ids[MENTOR], "role": "mentor"}, expect=201)
    asked = mentee.post("/v1/mentorships", here | {"mentor_id": ids[MENTOR], "weeks": WEEKS}, expect=201)
    path = f"/v1/mentorships/{asked['id']}"
    mentee.problem("POST", f"{path}/accept", 403, "own_proposal")
    assert "answer_mentorship" in _tasks(journey, MENTOR)
    assert mentor.post(f"{path}/accept", expect=200)["status"] == "active"
    mentee.until("/v1/notifications", lambda page: _line_about(page["items"], asked["id"]))
    mentor.post(f"{path}/notes", {"text": "每周三一起看代码"}, expect=201)
    outlines = owner.get(path)
    assert (outlines["between"], outlines["progress"]["notes"]) == (None, 1)
    assert owner.get(f"{path}/notes")["items"] == []
    had = {number: _xp(journey, number, ids[number]) for number in (MENTOR, MENTEE)}
    journey.stack.clock.advance(timedelta(weeks=WEEKS, minutes=1))
    journey.log_in_again()
    mentor, mentee = journey[MENTOR], journey[MENTEE]
    done = mentee.get(path)
    assert (done["status"], done["closed_at"]) == ("completed", done["ends_at"])
    for number in (MENTOR, MENTEE):
        _paid(journey, number, ids[number], had[number] + PAID)
        assert "give_mentorship_feedback" in _tasks(journey, number)
    mentee.post(f"{path}/feedback", SAID[MENTEE], expect=201)
    assert mentor.get(path)["between"]["mentee_feedback"] is None
    both = mentor.post(f"{path}/feedback", SAID[MENTOR], expect=201)["between"]
    assert both["mentee_feedback"]["words"] == SAID[MENTEE]["words"]
    assert mentee.get(path)["between"]["mentor_feedback"]["words"] == SAID[MENTOR]["words"]


def _xp(journey: Journey, number: str, member_id: str) -> int:
    return int(journey[number].get(f"/v1/wallets/{member_id}")["xp"])


def _paid(journey: Journey, number: str, member_id: str, xp: int) -> None:
    journey[number].until(f"/v1/wallets/{member_id}", lambda wallet: wallet["xp"] == xp)


def _tasks(journey: Journey, number: str) -> list[str]:
    """What waits for somebody, once every service has said it: one that is slow is left out of an answer."""
    whole = journey[number].until("/v1/me/tasks", lambda page: page["missing"] == [])
    return [one["code"] for one in whole["items"]]


def _line_about(lines: list[dict[str, object]], mentorship_id: str) -> bool:
    return any(line["href"] == f"/v1/mentorships/{mentorship_id}" for line in lines)
