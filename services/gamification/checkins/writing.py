"""What a batch of check-ins makes of its members, and writing it down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.sql.expression import bindparam
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many, upsert_many
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing
from contracts.gamification import CheckinRecorded
from services.gamification.checkins.models import Checkin, Streak, streak_values
from services.gamification.checkins.rules import CheckinDay, Step, StreakState

_CHECKINS: Table = Checkin.__table__  # type: ignore[attr-defined]
_STREAKS: Table = Streak.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NewCheckin:
    """A check-in whose day is decided and not taken yet."""

    community_id: UUID
    member_id: UUID
    day: CheckinDay
    occurred_at: datetime
    origin: str
    note: str | None = None
    source_ref: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Judged:
    """What a batch does to one member."""

    member_id: UUID
    community_id: UUID
    state: StreakState
    steps: dict[date, Step]
    milestones: list[tuple[date, int]]
    changed: list[tuple[UUID, Step]]
    happened: dict[date, datetime]
    """When the check-ins of the days concerned happened."""
    folded_again: bool
    """Whether `steps` are all days of the member, else those that are new."""


async def write(
    session: AsyncSession,
    checkins: Sequence[NewCheckin],
    messages: Sequence[Outgoing],
    members: Sequence[Judged],
    now: datetime,
) -> None:
    """Insert what is new, and keep what days and streaks have become."""
    steps = {member.member_id: member.steps for member in members}
    await insert_many(
        session,
        _CHECKINS,
        [
            {
                "id": checkin.id,
                "community_id": checkin.community_id,
                "member_id": checkin.member_id,
                "day": checkin.day.day,
                "time_zone": checkin.day.time_zone,
                "began_at": checkin.day.began_at,
                "streak_days": checkin.day.streak_days.value,
                "occurred_at": checkin.occurred_at,
                "recorded_at": now,
                "origin": checkin.origin,
                "note": checkin.note,
                "source_ref": checkin.source_ref,
                "length": steps[checkin.member_id][checkin.day.day].length,
                "froze": steps[checkin.member_id][checkin.day.day].froze,
                "message_id": message.id,
                "told_at": message.occurred_at,
            }
            for checkin, message in zip(checkins, messages, strict=True)
        ],
    )
    if changed := [each for member in members for each in member.changed]:
        await (await session.connection()).execute(
            update(_CHECKINS)
            .where(_CHECKINS.c.id == bindparam("checkin_id"))
            .values(length=bindparam("new_length"), froze=bindparam("new_froze")),
            [{"checkin_id": id_, "new_length": one.length, "new_froze": one.froze} for id_, one in changed],
        )
    rows = [streak_values(member.member_id, member.community_id, member.state) for member in members]
    await upsert_many(
        session, _STREAKS, rows, key=["member_id"], update=[name for name in rows[0] if name != "member_id"]
    )


def recorded(checkin: NewCheckin) -> Outgoing:
    """The message of a new check-in."""
    message = CheckinRecorded(
        community_id=checkin.community_id,
        checkin_id=checkin.id,
        member_id=checkin.member_id,
        day=checkin.day.day,
        time_zone=checkin.day.time_zone,
        origin=checkin.origin,
    )
    return Outgoing(message, version=1, occurred_at=checkin.occurred_at)


def event_of(row: Checkin) -> CheckinRecorded:
    """The message of a check-in as it was told."""
    return CheckinRecorded(
        community_id=row.community_id,
        checkin_id=row.id,
        member_id=row.member_id,
        day=row.day,
        time_zone=row.time_zone,
        origin=row.origin,
    )
