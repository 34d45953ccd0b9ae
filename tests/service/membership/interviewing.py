"""Applicants on their way to an interview, for tests: short ways to slots, scorecards and what they need."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

HOUR = timedelta(hours=1)
STEPS = ["form", "interview"]


async def campaign_with(
    scene: Any, *interviewers: str, steps: list[str] | None = None, **fields: Any
) -> dict[str, Any]:
    """An open campaign with an interview, for which these people interview."""
    campaign = await scene.campaign(await scene.community(), steps=steps or STEPS, **fields)
    await name_interviewers(scene, campaign, *interviewers)
    return dict(campaign)


async def name_interviewers(scene: Any, campaign: dict[str, Any], *names: str) -> None:
    """Let these people interview for a campaign."""
    for name in names:
        await scene.client(name)
        answer = await scene.again("owner").put(interviewer(scene, campaign, name))
        assert answer.is_success, answer.text


def interviewer(scene: Any, campaign: dict[str, Any], name: str) -> str:
    """Where somebody is named."""
    return f"/v1/campaigns/{campaign['id']}/interviewers/{scene.people[name]}"


async def at_interview(scene: Any, name: str, campaign: dict[str, Any]) -> dict[str, Any]:
    """An application of this person that has reached the interview."""
    application = await scene.apply(name, campaign)
    for _ in range(campaign["steps"].index("interview") + 1):
        application = await scene.send(scene.again("owner"), f"/v1/applications/{application['id']}/advance")
    assert application["state"] == "interviewing"
    return dict(application)


async def offer(
    scene: Any, campaign: dict[str, Any], *interviewers: str, hours: float = 48, status: int | None = 201, **fields: Any
) -> dict[str, Any]:
    """A slot of an hour, so many hours ahead."""
    starts_at = scene.harness.clock() + hours * HOUR
    body = {
        "campaign_id": campaign["id"],
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + HOUR).isoformat(),
        "place": "三楼会议室",
        "interviewer_ids": [str(scene.people.get(name, uuid4())) for name in interviewers],
    }
    return dict(await scene.send(scene.again("owner"), "/v1/interviews", body | fields, status=status))


async def choose(scene: Any, name: str, slot: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
    """The applicant's choice."""
    return dict(await scene.send(scene.again(name), f"/v1/interviews/{slot['id']}/choose", status=status))


async def met(scene: Any, name: str, campaign: dict[str, Any], *interviewers: str) -> dict[str, Any]:
    """An application whose interview has just begun."""
    application = await at_interview(scene, name, campaign)
    await choose(scene, name, await offer(scene, campaign, *interviewers))
    scene.harness.clock.advance(48 * HOUR)
    return application


async def write(
    scene: Any, name: str, application: dict[str, Any], *scores: int, hand_in: bool = True
) -> dict[str, Any]:
    """Somebody's scorecard on the usual three criteria, handed in unless said otherwise."""
    codes = ("learning_attitude", "teamwork", "communication")
    body = {
        "application_id": application["id"],
        "scores": [{"criterion": code, "score": score} for code, score in zip(codes, scores, strict=False)],
    }
    card = await scene.send(scene.again(name), "/v1/scorecards", body)
    if hand_in:
        card = await scene.send(scene.again(name), f"/v1/scorecards/{card['id']}/hand-in")
    return dict(card)


async def summary(scene: Any, name: str, application: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
    """What somebody reads of the scorecards together."""
    path = "/v1/scorecards/summary"
    return dict(await scene.see(scene.again(name), path, application_id=application["id"], status=status))


async def cards(scene: Any, name: str, application: dict[str, Any], *, status: int = 200) -> list[dict[str, Any]]:
    """The scorecards that somebody reads."""
    found = await scene.see(scene.again(name), "/v1/scorecards", application_id=application["id"], status=status)
    return list(found.get("items", []))
