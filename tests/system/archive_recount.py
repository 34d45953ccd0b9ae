"""What an archive says, counted straight from its file: nothing of the product is used."""

import gzip
import json
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Etc/UTC")
PER_DAY = {"started": 15, "replied": 20}
PRICES = {"started": 5, "replied": 2, "helped": 15}
HELPED_A_WEEK = 3


def lines_of(archive: Path) -> list[dict[str, Any]]:
    with gzip.open(archive, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def said(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The threads: by title and moment of the question, how many answers and comments there are, and whether one is accepted."""
    questions = {line["id"]: line for line in lines if line["kind"] == "discussion"}
    answers = {line["id"]: line for line in lines if line["kind"] == "reply"}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        if line["kind"] == "reply":
            found[line["discussion"]]["answers"] += 1
            found[line["discussion"]]["accepted"] += line["accepted"]
        elif line["kind"] == "comment":
            found[answers[line["on"]]["discussion"] if line["on"] in answers else line["on"]]["comments"] += 1
    return {
        # A title is kept on one line, with single spaces.
        f"{' '.join(one['title'].split())} {one['at']}": (
            found[key]["answers"],
            found[key]["comments"],
            found[key]["accepted"],
        )
        for key, one in questions.items()
    }


def first_answers(lines: list[dict[str, Any]]) -> list[tuple[date, float | None]]:
    """Of each question the day it was asked, and the seconds to its first answer, where it has one."""
    asked = {line["id"]: datetime.fromisoformat(line["at"]) for line in lines if line["kind"] == "discussion"}
    answered: dict[str, list[datetime]] = defaultdict(list)
    for line in lines:
        if line["kind"] == "reply":
            answered[line["discussion"]].append(datetime.fromisoformat(line["at"]))
    return [
        (at.astimezone(ZONE).date(), (min(answered[key]) - at).total_seconds() if answered[key] else None)
        for key, at in asked.items()
    ]


def experience(lines: list[dict[str, Any]]) -> dict[str, int]:
    """By person, the xp of the rules that every community has: so much a day for questions and replies, so many thanks of one asker a week."""
    askers = {line["id"]: line["author"] for line in lines if line["kind"] == "discussion"}
    days: dict[tuple[str, str, date], int] = Counter()
    weeks: dict[tuple[str, str, tuple[int, int]], int] = Counter()
    for line in lines:
        if line["kind"] == "person":
            continue
        day = datetime.fromisoformat(line["at"]).astimezone(ZONE).date()
        days[line["author"], "started" if line["kind"] == "discussion" else "replied", day] += 1
        asker = askers[line["discussion"]] if line.get("accepted") else line["author"]
        if asker != line["author"]:
            weeks[line["author"], asker, day.isocalendar()[:2]] += 1
    xp: dict[str, int] = Counter()
    for (person, what, _), count in days.items():
        xp[person] += min(PRICES[what] * count, PER_DAY[what])
    for (person, _, _), count in weeks.items():
        xp[person] += PRICES["helped"] * min(count, HELPED_A_WEEK)
    return dict(xp)
