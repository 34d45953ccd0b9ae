"""The use cases of kudos: giving them, reading them, removing them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import tell
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.security.authority import MemberFacts, Standing, authorize
from chassis.web.work import Work
from contracts.gamification import KudosGiven
from services.gamification.base import texts
from services.gamification.checkins.acceptance import hold
from services.gamification.checkins.queries import zone_for
from services.gamification.checkins.rules import CheckinDay, checkin_day
from services.gamification.earning import service as earning
from services.gamification.earning.triggers import KUDOS_GIVEN
from services.gamification.kudos import problems
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.queries import charter_values, given_on, last_day
from services.gamification.kudos.rules import A_DAY, room_left, status_of, value_refused
from services.gamification.kudos.schemas import KudosCreate
from services.gamification.kudos.standing import KIND, stand
from services.gamification.permissions import KUDOS_GIVE, KUDOS_READ


@dataclass(frozen=True, slots=True)
class SeenKudos:
    """Kudos that the caller may read, and what they are in the community."""

    kudos: Kudos
    standing: Standing

    @property
    def by_caller(self) -> bool:
        """Whether the caller gave them."""
        return self.kudos.giver_id == self.standing.member_id

    @property
    def of_caller(self) -> bool:
        """Whether they are the caller's: given or received."""
        return self.standing.member_id in (self.kudos.giver_id, self.kudos.receiver_id)


async def give(work: Work, body: KudosCreate) -> SeenKudos:
    """Say what a colleague did well. Raises `INVALID` for the colleague or the value, `KUDOS_SPENT` where the day has no more."""
    standing = await _standing(work, body.community_id)
    giver = standing.member
    if giver is None:
        raise FORBIDDEN()
    await _check_receiver(work.session, body, giver.id)
    value_name = await _value_name(work.session, body)
    # The giver's wallet is the lock of their days; both at once, in one order, as the receiver is paid.
    await hold(work.session, dict.fromkeys((giver.id, body.receiver_id), body.community_id))
    day = await _present_day(work, standing, giver)
    if not room_left(await given_on(work.session, giver.id, day)):
        raise problems.KUDOS_SPENT(limit=A_DAY, day=day.day.isoformat())
    kudos = Kudos(
        **body.model_dump(),
        giver_id=giver.id,
        value_name=value_name,
        given_at=work.now,
        day=day.day,
        time_zone=day.time_zone,
        began_at=day.began_at,
    )
    work.session.add(kudos)
    await work.session.flush()
    await tell(work.session, KudosGiven, kudos, work.now, again=True)
    await _written(work.session, kudos, work.now)
    told = KudosGiven.model_validate(kudos.model_dump() | {"kudos_id": kudos.id})
    deeds = KUDOS_GIVEN.occurrences(told, source_id=kudos.id, occurred_at=work.now)
    await earning.reward(work.session, list(deeds))
    return SeenKudos(kudos, standing)


async def left_today(work: Work, standing: Standing) -> int | None:
    """How many the caller may give on the present day of theirs; None for who may give none here."""
    giver = standing.member
    if giver is None or not KUDOS_GIVE.reach(standing.columns) or standing.community.status == "archived":
        return None
    day = await _present_day(work, standing, giver)
    return room_left(await given_on(work.session, giver.id, day))


async def seen_kudos(work: Work, key: UUID, *, lock: bool = False) -> SeenKudos:
    """Kudos that the caller may read. Raises `NOT_FOUND` where they are removed, or held and not the caller's."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    kudos = await existing(work.session, Kudos, key, lock=lock)
    standing = await authorize(
        work.session, work.caller, work.permission, kudos.community_id, own=True, seen_by=KUDOS_READ, now=work.now
    )
    seen = SeenKudos(kudos, standing)
    status = status_of(removed=kudos.removed_at is not None, held=kudos.held)
    removing = work.permission is not KUDOS_READ and (seen.of_caller or standing.sees_all)
    if status != "given" and not (seen.by_caller or removing):
        raise NOT_FOUND()
    return seen


async def remove(work: Work, key: UUID) -> SeenKudos:
    """Take kudos down, and what they earned back. Again, it changes nothing."""
    seen = await seen_kudos(work, key, lock=True)
    kudos = seen.kudos
    if not (seen.of_caller or seen.standing.sees_all):
        raise FORBIDDEN()
    if kudos.removed_at is None:
        await stand(work.session, kudos, {"removed_at": work.now, "removed_by": seen.standing.member_id}, work.now)
        await audit(work.session, work.caller, kudos, "remove", {"removed_at": [None, work.now]}, work.now)
        await work.session.flush()
    return seen


async def _present_day(work: Work, standing: Standing, giver: MemberFacts) -> CheckinDay:
    return checkin_day(
        work.now,
        last=await last_day(work.session, giver.id),
        time_zone=zone_for(giver.time_zone, standing.community.time_zone),
        day_starts_at=standing.community.day_starts_at,
    )


async def _standing(work: Work, community_id: UUID) -> Standing:
    if work.permission is None:
        raise TypeError("an operation that gives declares a permission")
    return await authorize(work.session, work.caller, work.permission, community_id, own=True, now=work.now)


async def _check_receiver(session: AsyncSession, body: KudosCreate, giver_id: UUID) -> None:
    if body.receiver_id == giver_id:
        raise INVALID(errors=[problems.YOURSELF])
    receiver = await known_member(session, body.receiver_id)
    if receiver is None or receiver.community_id != body.community_id or receiver.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_COLLEAGUE])


async def _value_name(session: AsyncSession, body: KudosCreate) -> str | None:
    values = await charter_values(session, body.community_id)
    code = value_refused(body.value_code, list(values))
    if code is not None:
        raise INVALID(errors=[problems.VALUE_MISSING if code == "missing" else problems.UNKNOWN_VALUE])
    return None if body.value_code is None else values[body.value_code]


async def _written(session: AsyncSession, kudos: Kudos, now: datetime) -> None:
    """Others read the text once moderation has looked at it."""
    await texts.written(
        session,
        community_id=kudos.community_id,
        kind=KIND,
        object_id=kudos.id,
        author_id=kudos.giver_id,
        text={"text": kudos.text},
        now=now,
    )
