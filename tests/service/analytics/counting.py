"""What the rollups have, and messages to count."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing import received
from chassis.web.ops import status_of
from contracts import content, events, gamification
from contracts.fields import ContentObject
from services.analytics.facts.models import MemberDay, MemberPeriod, ObjectDay, Place
from services.analytics.facts.verbs import Verb
from tests.service.stage import Stage


class Counting(Stage):
    """A community whose deeds are counted."""

    async def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        async with self.harness.runtime.database.reading() as session:
            return [tuple(row) for row in await session.execute(statement)]

    async def days(self, verb: Verb) -> list[tuple[Any, ...]]:
        """By day and member: how many, and their value."""
        statement = select(col(MemberDay.day), col(MemberDay.member_id), col(MemberDay.n), col(MemberDay.value)).where(
            col(MemberDay.verb) == verb, col(MemberDay.n) != 0
        )
        return sorted((day.isoformat(), member, n, value) for day, member, n, value in await self.rows(statement))

    async def places(self, verb: Verb) -> list[tuple[Any, ...]]:
        """By department and whether they run the community: how many."""
        statement = (
            select(col(Place.department_code), col(Place.staff), col(MemberDay.n))
            .join(MemberDay, col(MemberDay.place_id) == col(Place.id))
            .where(col(MemberDay.verb) == verb, col(MemberDay.n) != 0)
        )
        return sorted(await self.rows(statement))

    async def about(self, verb: Verb) -> list[tuple[Any, ...]]:
        """By day and thing: how many, and their value."""
        statement = select(
            col(ObjectDay.day), col(ObjectDay.about), col(ObjectDay.staff), col(ObjectDay.n), col(ObjectDay.value)
        ).where(col(ObjectDay.verb) == verb, col(ObjectDay.n) != 0)
        return sorted(
            (day.isoformat(), about, staff, n, value) for day, about, staff, n, value in await self.rows(statement)
        )

    async def periods(self, member_id: UUID) -> list[tuple[Any, ...]]:
        """By grain and beginning: deeds, how many of them take part, and what was read."""
        statement = select(
            col(MemberPeriod.grain),
            col(MemberPeriod.starts_on),
            col(MemberPeriod.deeds),
            col(MemberPeriod.taking_part),
            col(MemberPeriod.reads),
        ).where(col(MemberPeriod.member_id) == member_id)
        return sorted(
            (grain, on.isoformat(), *counts) for grain, on, *counts in await self.rows(statement) if any(counts)
        )

    async def waiting(self) -> int:
        """How many facts wait."""
        return (await status_of(self.harness.runtime)).figures["facts_waiting"]

    def reply(self, author: UUID, at: datetime, *, kind: str = "answer", **options: Any) -> Any:
        data = content.ReplyPosted(
            community_id=self.community_id,
            reply_id=options.pop("reply_id", None) or new_id(),
            kind=kind,
            discussion_id=options.pop("discussion_id", None) or new_id(),
            discussion_kind="question",
            discussion_author_id=new_id(),
            author_id=author,
            characters=12,
        )
        return received(data, occurred_at=at, **options)

    def removed(self, posted: Any, at: datetime, *, version: int = 2, restored: bool = False, **changed: Any) -> Any:
        data = posted.data
        kinds: dict[Any, Any] = {
            content.ReplyPosted: ("reply", content.ReplyRemoved, content.ReplyRestored),
            content.ArticlePublished: ("article", content.ArticleRemoved, content.ArticleRestored),
            content.DiscussionStarted: ("discussion", content.DiscussionRemoved, content.DiscussionRestored),
        }
        kind, removal, restoration = kinds[type(data)]
        id_ = getattr(data, f"{kind}_id")
        said = {
            "community_id": data.community_id,
            "kind": kind,
            "id": id_,
            "root_id": id_,
            "author_ids": getattr(data, "author_ids", None) or (data.author_id,),
            "cause": "moderator",
        } | changed
        return received((restoration if restored else removal)(**said), occurred_at=at, version=version)

    def article(self, *authors: UUID, at: datetime, **options: Any) -> Any:
        data = content.ArticlePublished(
            community_id=self.community_id,
            article_id=options.pop("article_id", None) or new_id(),
            kind="material",
            title="好好读书",
            visibility="internal",
            author_ids=authors,
            revision=1,
        )
        return received(data, occurred_at=at, **options)

    def discussion(self, author: UUID, at: datetime, **options: Any) -> Any:
        data = content.DiscussionStarted(
            community_id=self.community_id,
            discussion_id=options.pop("discussion_id", None) or new_id(),
            kind="question",
            title="怎么读？",
            author_id=author,
        )
        return received(data, occurred_at=at, **options)

    def like(self, member: UUID, at: datetime, *, reaction_id: UUID | None = None, version: int = 1) -> Any:
        return received(content.ReactionAdded(**self._reaction(member, reaction_id)), occurred_at=at, version=version)

    def unlike(self, liked: Any, at: datetime, *, version: int) -> Any:
        data = content.ReactionRemoved(**liked.data.model_dump())
        return received(data, occurred_at=at, version=version)

    def _reaction(self, member: UUID, reaction_id: UUID | None) -> dict[str, Any]:
        root = new_id()
        return {
            "community_id": self.community_id,
            "reaction_id": reaction_id or new_id(),
            "reaction": "like",
            "member_id": member,
            "object": ContentObject(kind="reply", id=new_id(), root_id=root, author_ids=(member,)),
        }

    def attendance(self, member: UUID, at: datetime, *, role: str = "attendee", version: int = 1, **ids: UUID) -> Any:
        data = events.AttendanceRecorded(
            community_id=self.community_id,
            attendance_id=ids.get("attendance_id") or new_id(),
            activity_id=ids.get("activity_id") or new_id(),
            activity_kind="sharing_session",
            member_id=member,
            role=role,
            extent="full",
            minutes=60,
            method="code",
        )
        return received(data, occurred_at=at, version=version)

    def revoked(self, recorded: Any, at: datetime, *, version: int) -> Any:
        data = events.AttendanceRevoked(**recorded.data.model_dump())
        return received(data, occurred_at=at, version=version)

    def points(
        self,
        member: UUID,
        at: datetime,
        points: int,
        *,
        kind: str = "award",
        reversed_: bool = False,
        because: str = "reply.posted",
    ) -> Any:
        said: dict[str, Any] = {
            "community_id": self.community_id,
            "transfer_ids": (new_id(),),
            "member_id": member,
            "points": points,
            "xp": 0,
            "kind": kind,
            "cause": {"event_id": new_id(), "type": because},
            "balance": {"points": 0, "xp": 0},
        }
        if reversed_:
            data: Any = gamification.PointsReversed(**said, reverses=(new_id(),))
        else:
            data = gamification.PointsAwarded(**said)
        return received(data, occurred_at=at, version=self._next(member))

    def checkin(self, member: UUID, at: datetime) -> Any:
        data = gamification.CheckinRecorded(
            community_id=self.community_id,
            checkin_id=new_id(),
            member_id=member,
            day=at.date(),
            time_zone="Asia/Shanghai",
            origin="now",
        )
        return received(data, occurred_at=at)
