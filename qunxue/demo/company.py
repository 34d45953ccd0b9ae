"""Who is in the demo: departments, people and what each of them is like."""

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

TEXTS = Path(__file__).parent / "texts"
ZONE = ZoneInfo("Asia/Shanghai")
SLUG = "tongxing"
SATURDAY = 5


@dataclass(frozen=True)
class Person:
    """Somebody of the company; `joined` and `until` are days before today."""

    no: str
    name: str
    email: str
    department: str
    title: str
    grade: str
    site: str
    hired: str
    role: str
    cohort: str
    channel: str
    joined: int | None
    habit: float
    """On how many of their days they check in."""
    until: int
    """Since when they are not seen any more; 0: they are."""

    @property
    def is_member(self) -> bool:
        return self.joined is not None

    def was_there(self, day: int) -> bool:
        """Whether they were a member, and took part, so many days ago."""
        return self.joined is not None and self.until <= day < self.joined


@cache
def people() -> tuple[Person, ...]:
    """Everybody, in the order of their numbers."""
    return tuple(
        Person(
            **{name: row[name] for name in ("no", "name", "department", "title", "grade", "site", "hired", "role")},
            email=f"{row['email']}@example.com",
            cohort=row["cohort"],
            channel=row["channel"],
            joined=int(row["joined"]) if row["joined"] else None,
            habit=float(row["habit"] or 0),
            until=int(row["until"] or 0),
        )
        for row in csv.DictReader(StringIO((TEXTS / "people.csv").read_text("utf-8")))
    )


@cache
def by_name() -> dict[str, Person]:
    """Everybody by name: no two are called alike."""
    return {person.name: person for person in people()}


def members() -> list[Person]:
    """Who is a member before the recruitment of today."""
    return [person for person in people() if person.is_member]


@dataclass(frozen=True)
class Calendar:
    """The days of the demo, counted back from the day on which it is filled."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def at(self, day: int, clock: str) -> datetime:
        """A time of the day that was so many days ago, or with a negative number will be."""
        return datetime.combine(self.today - timedelta(days=day), time.fromisoformat(clock), ZONE)

    def workday(self, day: int) -> int:
        """This day, or the workday before it; after it, of what is to come."""
        step = 1 if day > 0 else -1
        while (self.today - timedelta(days=day)).weekday() >= SATURDAY:
            day += step
        return day

    def is_off(self, day: int) -> bool:
        return (self.today - timedelta(days=day)).weekday() >= SATURDAY


def people_table() -> bytes:
    """The people as a file to import."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(["工号", "姓名", "邮箱", "部门编码", "职位", "职级", "工作地点", "入职日期"])
    for one in people():
        rows.writerow([one.no, one.name, one.email, one.department, one.title, one.grade, one.site, one.hired])
    return text.getvalue().encode()


def roster_table(calendar: Calendar) -> bytes:
    """Those who founded the community as a file to import, with when they joined; the others came by its recruitments."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(["工号", "加入时间", "期"])
    for one in members():
        if one.joined is not None and not one.channel:
            rows.writerow([one.no, calendar.at(one.joined, "09:00").isoformat(), f"term-{one.cohort}"])
    return text.getvalue().encode()
