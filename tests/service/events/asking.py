"""Surveys in the hall: who is asked, what they answer, and letting one close."""

from typing import Any

from tests.service.events.conftest import Hall

SURVEYS = "/v1/surveys"
SEVEN = ("甲", "乙", "丙", "丁", "戊", "己", "庚")
QUESTIONS: list[dict[str, Any]] = [
    {"code": "mood", "kind": "score", "title": "气氛如何？"},
    {
        "code": "when",
        "kind": "choice",
        "title": "哪天方便？",
        "choices": [{"code": "mon", "title": "周一"}, {"code": "fri", "title": "周五"}],
    },
    {"code": "remarks", "kind": "text", "title": "还有什么想说？", "required": False},
]


def said(mood: int, *, when: str = "mon", remarks: str | None = None) -> list[dict[str, Any]]:
    """What somebody answers."""
    answers: list[dict[str, Any]] = [{"question": "mood", "score": mood}, {"question": "when", "choice": when}]
    return answers if remarks is None else [*answers, {"question": "remarks", "text": remarks}]


async def seven(hall: Hall) -> None:
    """Have the members of the hall be seven, beside its owner."""
    for name in SEVEN:
        if name not in hall.members:
            await hall.joins(name)


async def asks(hall: Hall, name: str = "群主", *, opened: bool = True, **fields: Any) -> Any:
    """Have all members be asked without names, unless told otherwise."""
    body = {
        "community_id": str(hall.stage.community_id),
        "about": {"kind": "month", "month": "2024-05"},
        "title": "五月",
        "audience": "members",
        "questions": QUESTIONS,
    }
    made = await hall.send(name, SURVEYS, body | fields, status=201)
    return await hall.send(name, f"{SURVEYS}/{made['id']}/open", version=1) if opened else made


async def answers(hall: Hall, name: str, survey: Any, given: Any, *, status: int = 201) -> Any:
    """Have somebody answer."""
    return await hall.send(name, f"{SURVEYS}/{survey['id']}/answers", {"answers": given}, status=status)


async def closes(hall: Hall, survey: Any, name: str = "群主") -> Any:
    """Have it close, and everything be done that follows."""
    await hall.send(name, f"{SURVEYS}/{survey['id']}/close")
    await hall.stage.harness.run_timers()
    await hall.stage.harness.run_jobs()
    return await hall.see(name, f"{SURVEYS}/{survey['id']}")


async def results(hall: Hall, name: str, survey: Any, *, answered: int = 200) -> Any:
    """What somebody reads of what it came to."""
    return await hall.see(name, f"{SURVEYS}/{survey['id']}/results", answered=answered)


async def sat_in(hall: Hall, *names: str, speaker: str | None = None, **fields: Any) -> Any:
    """A session that these attended, and that is completed."""
    session = await hall.announces(**fields)
    hall.later(days=3, minutes=30)
    for name in names:
        body = {"activity_id": session["id"], "member_id": str(hall[name].id)}
        await hall.send("群主", "/v1/attendances/record", body, status=201)
    if speaker is not None:
        body = {"activity_id": session["id"], "member_id": str(hall[speaker].id), "role": "speaker"}
        await hall.send("群主", "/v1/attendances/record", body, status=201)
    hall.later(hours=2)
    await hall.send("群主", f"/v1/activities/{session['id']}/complete", version=2)
    await hall.stage.harness.run_timers()
    return session
