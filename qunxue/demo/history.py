"""What was said and done in the sixty days before today, as the files that the imports take. The same every time."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import orjson

from qunxue.demo.company import TEXTS, Calendar, Person, members
from qunxue.demo.telling import Said, Text, articles, threads

SEED = 2026
FIRST_DAY, LAST_DAY = 60, 1
MORNING = 7
WEEKEND_SHARE = 0.35
NOTE_SHARE = 0.4
QUESTIONS_OF_EACH_TOPIC = 2
ANSWERS = (0, 1, 2, 2, 3)
LATE, LATE_ANSWERS = 18, (0, 0, 0, 2)
"""Of late fewer are answered: that is what the team has to see."""
REACTIONS = ("like", "insightful", "thanks")


def archive(calendar: Calendar) -> bytes:
    """Articles, questions, answers, comments and reactions, one object a line."""
    draw = random.Random(SEED)
    told = [*articles(), *threads(), *_everyday(draw)]
    lines: list[dict[str, Any]] = []
    for number, text in enumerate(told):
        lines += _lines(f"t{number}", text, calendar, draw)
    # What was said a moment ago, and what is still to come, is left to those who look at it.
    until = calendar.now - timedelta(minutes=5)
    return b"\n".join(orjson.dumps(line) for line in lines if datetime.fromisoformat(line["at"]) < until)


def _lines(ref: str, text: Text, calendar: Calendar, draw: random.Random) -> Iterator[dict[str, Any]]:
    at = calendar.at(text.day, text.clock)
    what = {"id": ref, "at": at.isoformat(), "author": text.by, "title": text.title, "body": text.body}
    if text.kind:
        yield {"kind": "article", "article_kind": text.kind, "summary": text.summary, "tags": text.tags} | what
    else:
        yield {"kind": "discussion", "tags": text.tags} | what
    yield from _reactions(ref, text.by, text.day, calendar, draw, at, most=16 if text.kind else 7)
    answer, before = ref, at
    for place, said in enumerate(text.said):
        own = f"{ref}-{place}"
        when = _awake(max(at + timedelta(hours=said.hours), before))
        before = when + timedelta(minutes=7)
        line = {"id": own, "at": when.isoformat(), "author": said.by, "body": said.body}
        if said.comment:
            yield {"kind": "comment", "on": answer} | line
        else:
            answer = own
            yield {"kind": "reply", "discussion": ref, "accepted": said.accepted} | line
            yield from _reactions(own, said.by, text.day - said.hours // 24 - 1, calendar, draw, when, most=6)


def _awake(at: datetime) -> datetime:
    """Nobody writes at night: what would fall there is written in the morning."""
    return at.replace(hour=MORNING, minute=at.minute // 2 + 10) if at.hour < MORNING else at


def _reactions(
    ref: str, author: str, day: int, calendar: Calendar, draw: random.Random, at: datetime, *, most: int
) -> Iterator[dict[str, Any]]:
    # Who is there often reacts often.
    there = [one for one in members() if one.was_there(day) and one.no != author and draw.random() < one.habit]
    for one in draw.sample(there, min(len(there), draw.randint(most // 3, most))):
        reaction = draw.choices(REACTIONS, (6, 3, 2))[0]
        when = _awake(at + timedelta(minutes=draw.randint(12, 2600)))
        yield {
            "kind": "reaction",
            "id": f"{ref}-r{one.no}",
            "at": when.isoformat(),
            "author": one.no,
            "on": ref,
            "reaction": reaction,
        }


def _everyday(draw: random.Random) -> Iterator[Text]:
    """Questions of every day by patterns: what somebody is at, and where it does not go on."""
    asks = [line.split("|") for line in _written("asks.md")]
    answers = _written("answers.txt")
    rows = list(csv.DictReader(StringIO((TEXTS / "topics.csv").read_text("utf-8"))))
    step = (FIRST_DAY - 6) / (len(rows) * QUESTIONS_OF_EACH_TOPIC)
    places = [(row, again) for again in range(QUESTIONS_OF_EACH_TOPIC) for row in rows]
    for number, (row, again) in enumerate(places):
        day = round(FIRST_DAY - 4 - number * step)
        there = [one for one in members() if one.was_there(day) and one.was_there(day - 1)]
        asker = draw.choice(there)
        title, body = asks[(number + again) % len(asks)]
        others = draw.sample(
            [one for one in there if one is not asker], draw.choice(LATE_ANSWERS if day <= LATE else ANSWERS)
        )
        said = _answers(others, answers, row["topic"], draw)
        yield Text(
            title=title.format(**row),
            by=asker.no,
            day=day,
            clock=f"{draw.randint(8, 21):02}:{draw.randint(0, 59):02}",
            tags=[row["tag"]],
            body=body.format(**row),
            said=said,
        )


def _answers(others: list[Person], answers: list[str], topic: str, draw: random.Random) -> list[Said]:
    chosen = draw.sample(answers, len(others))
    accepted = draw.randrange(len(others)) if others and draw.random() < 0.7 else None
    return [
        Said(False, one.no, draw.randint(1, 20), place == accepted, text.format(topic=topic))
        for place, (one, text) in enumerate(zip(others, chosen, strict=True))
    ]


def checkins(calendar: Calendar) -> bytes:
    """Who checked in when, over sixty days, and what some of them wrote beside it."""
    notes = _written("notes.txt")
    lines = []
    for one in members():
        draw = random.Random(f"{SEED}-{one.no}")
        for day in range(FIRST_DAY, LAST_DAY - 1, -1):
            share, chance, hour, minute, note = (draw.random() for _ in range(5))
            if not one.was_there(day) or share > one.habit * (WEEKEND_SHARE if calendar.is_off(day) else 1.1):
                continue
            at = calendar.at(day, f"{7 + int(hour * 15):02}:{int(minute * 60):02}")
            line = {"employee_no": one.no, "occurred_at": at.isoformat(), "source_ref": f"{one.no}-{day}"}
            lines.append(line | ({"note": notes[int(note * len(notes))]} if chance < NOTE_SHARE else {}))
    return b"\n".join(map(orjson.dumps, lines))


def _written(name: str) -> list[str]:
    return (TEXTS / name).read_text("utf-8").splitlines()
