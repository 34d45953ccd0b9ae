"""An operator's Monday: what waits, the report of last week, one of their own asking, and the figures of members to take along."""

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any

from pypdf import PdfReader

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import ZONE, today

REPORTS = "/v1/reports"
QUESTION = "教案怎么写？"


def walk_a_monday(journey: Journey) -> date:
    """Somebody asks in the week before and is not answered; on Monday after six the report of the week is there. Returns that Monday."""
    asked_on = today(journey)
    journey[ACCEPTED].post(
        "/v1/discussions",
        {
            "community_id": journey.community_id,
            "kind": "question",
            "title": QUESTION,
            "body": "请指教。",
            "tags": [],
        },
        expect=201,
    )
    journey[WAITLISTED].post("/v1/checkins", {"community_id": journey.community_id, "note": "读了两章"})
    journey[OWNER].until(
        "/v1/metrics/active_members",
        lambda body: body["items"][0]["value"] == 2,
        **_here(journey) | {"from": asked_on.isoformat(), "to": asked_on.isoformat(), "grain": "day"},
    )
    monday = asked_on + timedelta(days=7 - asked_on.weekday())
    _later(journey, datetime.combine(monday, time(6, 5), ZONE))
    _see_the_desk(journey)
    report = _read_the_weekly_report(journey, (monday - timedelta(days=7)).isoformat())
    _ask_for_a_report(journey, asked_on.isoformat(), monday.isoformat())
    _take_figures_along(journey, asked_on.isoformat(), monday.isoformat())
    journey[ACCEPTED].problem("GET", f"{REPORTS}/{report['id']}/page", 403, "forbidden")
    return monday


def _here(journey: Journey) -> dict[str, Any]:
    return {"community_id": journey.community_id}


def _later(journey: Journey, moment: datetime) -> None:
    journey.stack.clock.advance(moment - journey.stack.clock.now())
    journey.log_in_again()


def _see_the_desk(journey: Journey) -> None:
    desk = journey[OWNER].get("/v1/desk", **_here(journey))
    assert desk["missing"] == []


def _read_the_weekly_report(journey: Journey, monday: str) -> dict[str, Any]:
    def ready(body: Any) -> bool:
        return [one["from"] for one in body["items"] if one["status"] == "ready"][:1] == [monday]

    listed = journey[OWNER].until(REPORTS, ready, **_here(journey) | {"kind": "weekly"})
    report: dict[str, Any] = listed["items"][0]
    page = file_of(journey, report, "html", "zh-CN").decode()
    assert "运营周报" in page
    assert "活跃成员数" in page
    assert "<svg" in page
    assert "尚无回答的提问" in page
    paper = _on_paper(file_of(journey, report, "pdf", "zh-CN"))
    assert "活跃成员数" in paper
    assert "Active members" in file_of(journey, report, "html", "en").decode()
    return report


def _ask_for_a_report(journey: Journey, first: str, last: str) -> None:
    asked = journey[OWNER].post(REPORTS, _here(journey) | {"from": first, "to": last}, expect=202)
    made = journey[OWNER].until(f"{REPORTS}/{asked['id']}", lambda one: one["status"] != "making")
    assert (made["status"], len(made["files"])) == ("ready", 4), made
    assert "运营报告" in _on_paper(file_of(journey, made, "pdf", "zh-CN"))


def _take_figures_along(journey: Journey, first: str, last: str) -> None:
    body = _here(journey) | {"subject": "member_activity", "from": first, "to": last, "format": "csv"}
    job = journey[OWNER].post(f"{REPORTS}/exports", body, expect=202)
    ended = journey[OWNER].until(
        f"{REPORTS}/exports/{job['id']}", lambda one: one["state"] not in ("queued", "running")
    )
    assert ended["state"] == "succeeded", ended
    rows = list(csv.DictReader(io.StringIO(export_of(journey, ended))))
    assert {name: sum(int(row[name]) for row in rows) for name in ("posts", "checked_in")} == {
        "posts": 1,
        "checked_in": 1,
    }


def export_of(journey: Journey, job: dict[str, Any]) -> str:
    """What is in the file that an export ended with."""
    return journey[OWNER].client.get(job["result_url"]).content.decode("utf-8-sig")


def file_of(journey: Journey, report: dict[str, Any], form: str, language: str) -> bytes:
    """What is in a file of a report, all of it."""
    [file] = [one for one in report["files"] if (one["form"], one["language"]) == (form, language)]
    answer = journey[OWNER].client.get(file["href"])
    assert answer.status_code == 200, answer.text
    assert len(answer.content) == file["size"]
    return answer.content


def _on_paper(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(one.extract_text().split()) for one in pages)
