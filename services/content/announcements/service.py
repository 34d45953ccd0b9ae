"""Use cases of announcements: how they are made known, confirming, and reminding."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.messaging.parts import in_parts
from chassis.problems import INVALID, NOT_FOUND, FieldError, refused
from chassis.projections.workdays import work_calendar
from chassis.web.work import Work
from chassis.working_time import due_after
from contracts.content import AnnouncementAcknowledged, ReminderDue
from services.content.announcements import problems
from services.content.announcements.models import Addressee, Announcement, Confirmation
from services.content.announcements.queries import unconfirmed
from services.content.announcements.rules import WORKDAYS_TO_CONFIRM
from services.content.deeds.service import deeds
from services.content.discussions.access import Seen, seen
from services.content.discussions.kinds import AnnouncementCreate, AnnouncementPatch
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Published, WasRead, Written
from services.content.discussions.publishing import put_off
from services.content.discussions.rules import may_remind
from services.content.discussions.schemas import DiscussionCreate
from services.content.groups import groups_of

_CONFIRMATIONS: Table = Confirmation.__table__  # type: ignore[attr-defined]


# --- with the discussion -------------------------------------------------------------------------------------------


async def write_announcement(session: AsyncSession, written: Written) -> bool:
    """Keep how it is made known. Raises `INVALID`."""
    asked, discussion = written.asked.announcement, written.discussion
    if discussion.kind != "announcement":
        if asked is not None:
            raise INVALID(errors=[problems.NOT_THIS_KIND])
        return False
    if isinstance(written.asked, DiscussionCreate):
        await _add(session, written, asked if isinstance(asked, AnnouncementCreate) else AnnouncementCreate())
        return True
    if not isinstance(asked, AnnouncementPatch):
        return False
    return await _edit(session, written, asked)


async def _add(session: AsyncSession, written: Written, asked: AnnouncementCreate) -> None:
    discussion, now = written.discussion, written.now
    begins = asked.publish_at or now
    _refuse(_wrong_moments(asked.publish_at, asked.confirm_by, now, begins, confirm=asked.confirm))
    if asked.pinned_until is not None and asked.pinned_until <= begins:
        raise INVALID(errors=[problems.past("/announcement/pinned_until")])
    theirs = await groups_of(session, discussion.community_id, asked.audience.group_ids)
    strange = [n for n, group_id in enumerate(asked.audience.group_ids) if group_id not in theirs]
    if strange:
        raise INVALID(errors=[problems.unknown_group(place) for place in strange])
    audience = asked.audience.model_dump(mode="json")
    for_all = not any(audience.values())
    discussion.audience = None if for_all else audience
    discussion.pinned_until = asked.pinned_until
    session.add(
        Announcement(
            discussion_id=discussion.id,
            community_id=discussion.community_id,
            group_id=discussion.group_id,
            for_all=for_all,
            confirm=asked.confirm,
            confirm_by=asked.confirm_by,
            asked_at=begins,
        )
    )
    await session.flush()
    one = asked.audience
    session.add_all(Addressee(discussion_id=discussion.id, role=role) for role in one.roles)
    session.add_all(Addressee(discussion_id=discussion.id, department=code) for code in one.departments)
    session.add_all(Addressee(discussion_id=discussion.id, cohort_id=cohort_id) for cohort_id in one.cohort_ids)
    session.add_all(Addressee(discussion_id=discussion.id, group_id=group_id) for group_id in one.group_ids)
    if asked.publish_at is not None:
        await put_off(session, discussion, asked.publish_at)


async def _edit(session: AsyncSession, written: Written, asked: AnnouncementPatch) -> bool:
    discussion, now = written.discussion, written.now
    one = await existing(session, Announcement, discussion.id)
    given = asked.model_dump(exclude_unset=True)
    publish_at, confirm_by = given.get("publish_at"), given.get("confirm_by")
    begins = publish_at or discussion.publish_at or now
    _refuse(_wrong_moments(publish_at, confirm_by, now, begins, confirm=one.confirm))
    if publish_at is not None:
        if discussion.publish_at is None:
            raise INVALID(errors=[problems.PUBLISHED])
        await put_off(session, discussion, publish_at)
    if confirm_by is not None:
        one.confirm_by = confirm_by
    if asked.ask_again:
        if one.confirm == "none" or discussion.publish_at is not None:
            raise INVALID(errors=[problems.NOBODY_ASKED_AGAIN])
        one.asked, one.asked_at = one.asked + 1, now
        if confirm_by is None:
            one.confirm_by = await _confirm_by(session, now, written.community.time_zone)
    return asked.ask_again or bool(given.keys() - {"ask_again"})


async def follow_published(session: AsyncSession, published: Published) -> None:
    """Begin to ask members to confirm it."""
    if published.discussion.kind != "announcement":
        return
    one = await existing(session, Announcement, published.discussion.id)
    one.asked_at = published.at
    if one.confirm != "none" and (one.confirm_by is None or one.confirm_by <= published.at):
        one.confirm_by = await _confirm_by(session, published.at, published.community.time_zone)


async def _confirm_by(session: AsyncSession, at: datetime, time_zone: str) -> datetime:
    calendar = await work_calendar(session)
    return due_after(at, WORKDAYS_TO_CONFIRM, time_zone=time_zone, is_workday=calendar.is_workday)


def _wrong_moments(
    publish_at: datetime | None, confirm_by: datetime | None, now: datetime, begins: datetime, *, confirm: str
) -> FieldError | None:
    if publish_at is not None and publish_at <= now:
        return problems.past("/announcement/publish_at")
    if confirm_by is None:
        return None
    if confirm == "none":
        return problems.NOT_ASKED
    return problems.TOO_EARLY if confirm_by <= max(begins, now) else None


def _refuse(wrong: FieldError | None) -> None:
    if wrong is not None:
        raise INVALID(errors=[wrong])


# --- confirming and reminding --------------------------------------------------------------------------------------


async def announced(work: Work, key: UUID, *, lock: bool = False) -> tuple[Seen, Announcement]:
    """An announcement that the caller sees. Raises `NOT_FOUND` for another kind."""
    found = await seen(work, key, lock=lock)
    if found.discussion.kind != "announcement":
        raise NOT_FOUND()
    return found, await existing(work.session, Announcement, key)


async def acknowledge(work: Work, key: UUID) -> Seen:
    """Confirm it; again, it changes nothing."""
    found, one = await announced(work, key)
    member_id = found.standing.member_id
    if member_id is None:
        raise NOT_FOUND()
    if one.confirm == "none" or found.discussion.removed_at is not None:
        raise refused("illegal_transition", state=found.discussion.status)
    await _confirm(work.session, found.discussion, one, member_id, work.now)
    return found


async def follow_read(session: AsyncSession, read: WasRead) -> None:
    """Take that a member read it for their confirmation, where it asks for no more."""
    discussion = read.discussion
    if discussion.kind != "announcement" or discussion.removed_at is not None:
        return
    one = await existing(session, Announcement, discussion.id)
    if one.confirm == "read":
        await _confirm(session, discussion, one, read.member_id, read.now)


async def _confirm(
    session: AsyncSession, discussion: Discussion, one: Announcement, member_id: UUID, now: datetime
) -> None:
    key = {"discussion_id": discussion.id, "member_id": member_id}
    row = key | {"asked": 0, "confirmed_at": now, "messages_published": 0}
    await insert_new(session, _CONFIRMATIONS, [row], key=list(key))
    confirmation = await existing(session, Confirmation, tuple(key.values()), lock=True)
    if confirmation.asked < one.asked:
        confirmation.asked, confirmation.confirmed_at = one.asked, now
        message = AnnouncementAcknowledged(community_id=discussion.community_id, **key)
        await deeds.tell(session, "made", [Outgoing(message, confirmation.bump(), now)])


async def remind(work: Work, key: UUID) -> int:
    """Remind those who have not confirmed it; returns how many they are. Raises `ALREADY_REMINDED`."""
    found, one = await announced(work, key, lock=True)
    discussion, community = found.discussion, found.standing.community
    if one.confirm == "none" or discussion.removed_at is not None:
        raise refused("illegal_transition", state=discussion.status)
    if not may_remind(one.reminded_at, work.now, time_zone=community.time_zone, day_starts_at=community.day_starts_at):
        raise problems.ALREADY_REMINDED()
    ids = await unconfirmed(work.session, discussion, work.now)
    if not ids:
        return 0
    one.reminders, one.reminded_at = one.reminders + 1, work.now
    messages = [
        ReminderDue(
            community_id=discussion.community_id,
            discussion_id=discussion.id,
            title=discussion.title,
            due_at=one.confirm_by,
            reminder=one.reminders,
            **part._asdict(),
        )
        for part in in_parts(ids)
    ]
    await emit_many(work.session, [Outgoing(message, 1, work.now) for message in messages])
    await audit(work.session, work.caller, discussion, "remind", {"reminders": [None, one.reminders]}, work.now)
    return len(ids)
