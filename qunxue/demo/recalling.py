"""The two recruitments that are over: who looked, who applied by which channel, and who became a member by them."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import orjson

from qunxue.demo.company import TEXTS, Calendar, by_name, members
from qunxue.demo.filling import LINES, Filling
from qunxue.demo.recruiting import REASONS, drive

SEED = 2026
WEEKEND_SHARE = 0.3
LESS_EVERY_DAY = 0.85
DAYS_TO_DECIDE = (2, 9)


@dataclass(frozen=True)
class Past:
    """A recruitment that is over; days are before today. `looked` is how often each channel was looked at on its first day."""

    cohort: str
    name: str
    opened: int
    closed: int
    looked: dict[str, int]


PAST = (
    Past("1", "第一期", 72, 58, {"announcement": 46, "im": 38, "poster": 21}),
    Past("2", "第二期", 45, 29, {"announcement": 27, "im": 44, "poster": 13}),
)


def recall(filling: Filling) -> None:
    """Each of them as a draft that is over, and then what happened in it; those who were accepted are members since."""
    for past in PAST:
        accepted = sum(one.cohort == past.cohort and bool(one.channel) for one in members())
        dates = {
            "opens_at": filling.calendar.at(past.opened, "08:00").isoformat(),
            "closes_at": filling.calendar.at(past.closed, "18:00").isoformat(),
        }
        told = drive(filling, past.name, f"term-{past.cohort}", accepted) | dates
        campaign = filling.owner.post("/v1/campaigns", told)
        rows = recruitment(past, filling.calendar)
        filling.owner.upload("/v1/applications/imports", rows, LINES, campaign_id=campaign["id"])
    filling.read_members()


def recruitment(past: Past, calendar: Calendar) -> bytes:
    """Its visits by day, and its applications with what was decided, one object a line. The same every time."""
    lines = [*_visits(past, calendar), *_accepted(past, calendar), *_others(past, calendar)]
    return b"\n".join(map(orjson.dumps, lines))


def _visits(past: Past, calendar: Calendar) -> Iterator[dict[str, Any]]:
    for code, first in past.looked.items():
        draw = random.Random(f"{SEED}-{past.cohort}-{code}")
        for day in range(past.opened, past.closed - 1, -1):
            share = draw.uniform(0.7, 1.2) * (WEEKEND_SHARE if calendar.is_off(day) else 1)
            visits = round(first * LESS_EVERY_DAY ** (past.opened - day) * share)
            if visits:
                yield {"channel": code, "day": calendar.at(day, "12:00").date().isoformat(), "visits": visits}


def _accepted(past: Past, calendar: Calendar) -> Iterator[dict[str, Any]]:
    for one in members():
        if one.joined is not None and one.channel and one.cohort == past.cohort:
            draw = random.Random(f"{SEED}-applied-{one.no}")
            applied = one.joined + draw.randint(*DAYS_TO_DECIDE)
            yield {
                "employee_no": one.no,
                "channel": one.channel,
                "applied_at": calendar.at(applied, f"{draw.randint(8, 21):02}:{draw.randint(0, 59):02}").isoformat(),
                "decided_at": calendar.at(one.joined, "09:00").isoformat(),
                "outcome": "accepted",
                "reason": REASONS["accepted"],
            }


def _others(past: Past, calendar: Calendar) -> Iterator[dict[str, Any]]:
    for row in csv.DictReader(StringIO((TEXTS / "refused.csv").read_text("utf-8"))):
        if row["term"] == past.cohort:
            yield {
                "employee_no": by_name()[row["name"]].no,
                "channel": row["channel"],
                "applied_at": calendar.at(int(row["applied"]), "12:30").isoformat(),
                "decided_at": calendar.at(int(row["decided"]), "17:00").isoformat(),
                "outcome": row["outcome"],
                "reason": row["reason"],
            }
