"""Messages about things that take their course, as their services would send them, and what is plainly so after all of them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from chassis.ids import new_id
from chassis.messaging.envelope import Received
from chassis.testing import Harness, received
from contracts import content, events, membership

HERE = UUID("0192f000-0000-7000-8000-000000000001")
START = datetime(2024, 3, 29, 12, tzinfo=UTC)
"""Two days before the clocks of Berlin are put forward."""


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(HERE, name)


def who(member: str | UUID) -> UUID:
    """A member by name, or by id."""
    return named(member) if isinstance(member, str) else member


@dataclass
class Telling:
    """Messages in the order in which they happened, an hour apart, with the versions that their owners count."""

    at: datetime = START
    here: UUID = HERE
    told: list[Received[Any]] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)

    def tell(self, event: Any, *, at: datetime | None = None) -> Received[Any]:
        """One more message."""
        self.at = at or self.at + timedelta(hours=1)
        self.versions[event.subject()] += 1
        message = received(event, occurred_at=self.at, version=self.versions[event.subject()])
        self.told.append(message)
        return message

    def ask(self, name: str, author: str | UUID, kind: str = "question", **options: Any) -> None:
        """Somebody asks."""
        at = options.pop("at", None)
        self.tell(self._discussion(content.DiscussionStarted, name, author, kind, **options), at=at)

    def retitle(self, name: str, author: str | UUID, kind: str = "question") -> None:
        """A question is changed."""
        self.tell(self._discussion(content.DiscussionUpdated, name, author, kind, status="open"))

    def _discussion(self, event: Any, name: str, author: str | UUID, kind: str, **options: Any) -> Any:
        return event(
            community_id=self.here,
            discussion_id=named(name),
            kind=kind,
            title=options.pop("title", name),
            author_id=who(author),
            **options,
        )

    def reply(
        self, name: str, question: str, author: str | UUID, kind: str = "answer", at: datetime | None = None
    ) -> None:
        """Somebody replies."""
        self.tell(
            content.ReplyPosted(
                community_id=self.here,
                reply_id=named(name),
                kind=kind,
                discussion_id=named(question),
                discussion_kind="question",
                discussion_author_id=named("asker"),
                author_id=who(author),
            ),
            at=at,
        )

    def remove(self, event: Any, kind: str, name: str, root: str) -> None:
        """Something is removed or restored."""
        self.tell(
            event(
                community_id=self.here,
                kind=kind,
                id=named(name),
                root_id=named(root),
                author_ids=(named("somebody"),),
                cause="moderator",
            )
        )

    def accept(self, event: Any, name: str, question: str) -> None:
        """An answer is accepted, or no longer."""
        self.tell(
            event(
                community_id=self.here,
                discussion_id=named(question),
                reply_id=named(name),
                asker_id=named("asker"),
                answerer_id=named("somebody"),
                accepted_by=named("asker"),
            )
        )

    def merge(self, name: str, into: str) -> None:
        """A question is a duplicate."""
        self.tell(
            content.DiscussionMerged(community_id=self.here, discussion_id=named(name), into_id=named(into)),
        )

    def activity(self, event: Any, name: str, kind: str = "workshop", **options: Any) -> None:
        """Something about an activity."""
        at = options.pop("at", None)
        facts: dict[str, Any] = {
            "community_id": self.here,
            "activity_id": named(name),
            "kind": kind,
            "mode": "offline",
            "title": name,
            "starts_at": START + timedelta(days=20),
            "ends_at": START + timedelta(days=20, hours=2),
            "time_zone": "Europe/Berlin",
        }
        self.tell(event(**facts | options), at=at)

    def register(self, event: Any, activity: str, member: str | UUID, kind: str = "workshop", **options: Any) -> None:
        """Something about a registration."""
        self.tell(
            event(
                community_id=self.here,
                registration_id=named(f"{member} at {activity}"),
                activity_id=named(activity),
                activity_kind=kind,
                starts_at=START + timedelta(days=20),
                member_id=who(member),
            ),
            at=options.get("at"),
        )

    def attend(self, activity: str, member: str | UUID, kind: str = "workshop", **options: Any) -> None:
        """Somebody was there."""
        at = options.pop("at", None)
        facts: dict[str, Any] = {
            "community_id": self.here,
            "attendance_id": named(f"{member} was at {activity}"),
            "activity_id": named(activity),
            "activity_kind": kind,
            "member_id": who(member),
            "role": "attendee",
            "extent": "full",
            "minutes": 60,
            "method": "code",
        }
        self.tell(events.AttendanceRecorded(**facts | options), at=at)

    def revoke(self, activity: str, member: str | UUID) -> None:
        """Somebody was not there after all."""
        self.tell(
            events.AttendanceRevoked(
                community_id=self.here,
                attendance_id=named(f"{member} was at {activity}"),
                activity_id=named(activity),
                member_id=who(member),
            )
        )

    def apply(self, event: Any, person: str, **options: Any) -> None:
        """Something about an application."""
        at = options.pop("at", None)
        facts: dict[str, Any] = {
            "community_id": self.here,
            "application_id": named(f"application of {person}"),
            "campaign_id": named("campaign"),
            "person_id": named(person),
            "channel": "poster",
            "to": "submitted",
        }
        self.tell(event(**facts | options), at=at)

    def member(self, event: Any, name: str, joined_at: datetime, **options: Any) -> None:
        """Something about a membership."""
        at = options.pop("at", None)
        facts: dict[str, Any] = {
            "community_id": self.here,
            "member_id": named(name),
            "person_id": named(f"person of {name}"),
            "display_name": name,
            "person_kind": "employee",
            "status": "left" if event is membership.MemberLeft else "active",
            "joined_at": joined_at,
            "via": "application",
        }
        self.tell(event(**facts | options), at=at)


class Elsewhere:
    """A community of its own with a zone of its own, and a program that reads what it is counted as."""

    def __init__(self, harness: Harness, **facts: Any) -> None:
        self.harness = harness
        self.id = new_id()
        self.facts = facts
        self.telling = Telling(here=self.id)

    async def open(self) -> None:
        """Have it opened."""
        usual: dict[str, Any] = {
            "community_id": self.id,
            "slug": f"c{self.id.hex}",
            "name": "读书会",
            "kind": "training",
            "status": "open",
            "visibility": "internal",
            "join": "open",
            "time_zone": "Europe/Berlin",
            "day_starts_at": time(0),
            "streak_days": "every_day",
            "charter_version": 1,
        }
        opened = membership.CommunityOpened(**usual | self.facts)
        await self.harness.deliver(received(opened, occurred_at=START - timedelta(days=400)))

    async def values(self, code: str, from_: str, to: str, **query: Any) -> list[dict[str, Any]]:
        """The values of a metric."""
        asked = {"community_id": str(self.id), "from": from_, "to": to} | query
        # A log-in of now: tests set the clock.
        client = self.harness.as_service("metrics.read", communities=[self.id], account_id=named("program"))
        response = await client.get(f"/v1/metrics/{code}", params=asked)
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        return items


async def rows_of(harness: Harness, model: Any) -> dict[UUID, dict[str, Any]]:
    """All rows of a table, by id."""
    async with harness.runtime.database.reading() as session:
        rows = (await session.execute(select(model.__table__))).mappings().all()
    return {row["id"]: dict(row) for row in rows}
