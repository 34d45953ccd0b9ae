"""Use cases of what participants hand in: reviewed, handed in again, liked, and talked about."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import col

from chassis.audit import audit
from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND
from chassis.projections.workdays import work_calendar
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.gamification.base import texts
from services.gamification.checkins.acceptance import hold
from services.gamification.checkins.evidence import files_of
from services.gamification.checkins.plan_refusals import PLAN_REFUSALS
from services.gamification.permissions import CHECKIN_PLANS_COMMENT, CHECKIN_PLANS_REVIEW, CHECKINS_CREATE
from services.gamification.plans import problems
from services.gamification.plans.completing import settle
from services.gamification.plans.counting import Evidence, hand_in_again, have_looked_at
from services.gamification.plans.entry_access import SeenEntry, locked, refusal, seen_entry
from services.gamification.plans.evidence_files import keep_files, refuse_used
from services.gamification.plans.evidence_rules import missing_evidence
from services.gamification.plans.models import PlanComment, PlanEntry, PlanLike, PlanParticipant
from services.gamification.plans.progress_rules import open_until
from services.gamification.plans.rules import MOST_COMMENTS
from services.gamification.plans.schemas import CommentCreate, EntryHandIn, EntryReview

COMMENT = "plan_comment"
_LIKES: Table = PlanLike.__table__  # type: ignore[attr-defined]


async def review(work: Work, key: UUID, body: EntryReview) -> SeenEntry:
    """Find a day good, or return it with a reason: then it counts no more, and stays open to the next evening. Nobody reviews their own."""
    seen = await seen_entry(work, key, of=CHECKIN_PLANS_REVIEW)
    _refuse("review", seen, work)
    if body.verdict == "returned" and body.reason is None:
        raise INVALID(errors=[problems.NO_REASON])
    if body.verdict == "good" and body.reason is not None:
        raise INVALID(errors=[problems.NEEDLESS_REASON])
    row = await _held(work, seen.entry)
    entry = seen.entry
    if (entry.status, entry.reason) == (body.verdict, body.reason):
        return seen
    community = seen.reader.standing.community
    until = open_until(work.now, time_zone=entry.time_zone, day_starts_at=community.day_starts_at)
    before = entry.status
    entry.status, entry.reason = body.verdict, body.reason
    # Whose note moderation removed may hand it in again, whoever found it good before.
    entry.open_until = until if body.verdict == "returned" else entry.open_until if entry.removed else None
    entry.reviewed_at, entry.reviewer_id = work.now, seen.reader.standing.member_id
    entry.version += 1
    await _settle(work, seen, row)
    await audit(work.session, work.caller, entry, "review", {"status": [before, entry.status]}, work.now)
    return seen


async def hand_in(work: Work, key: UUID, body: EntryHandIn) -> SeenEntry:
    """Hand a day in again that was returned, or whose note moderation removed, with other evidence."""
    seen = await seen_entry(work, key, of=CHECKINS_CREATE)
    if not seen.mine:
        raise FORBIDDEN()
    row = await _held(work, seen.entry)
    _refuse("hand_in", seen, work)
    plan = seen.reader.plan
    sender = _sender(work)
    files = files_of(work.session, body.files, person_id=sender, community_id=plan.community_id, now=work.now)
    lacks = missing_evidence(plan.requires, plan.min_length, note=body.note, link=body.link, files=files)
    if lacks is not None:
        en, zh = PLAN_REFUSALS[lacks]
        raise problems.EVIDENCE_MISSING(en, zh, reason=lacks)
    await refuse_used(work.session, files, seen.entry.checkin_id)
    hand_in_again(seen.entry, Evidence(body.note or None, body.link, files=files), work.now)
    await have_looked_at(work.session, seen.entry, work.now)
    await keep_files(work.session, seen.entry, sender, work.now)
    await _settle(work, seen, row)
    return seen


async def like(work: Work, key: UUID, *, given: bool) -> SeenEntry:
    """Like a day of a fellow participant, or do so no more. Again it changes nothing."""
    seen = await seen_entry(work, key, of=CHECKIN_PLANS_COMMENT)
    _refuse("like", seen, work)
    member_id = _member(seen)
    await work.session.refresh(seen.entry, with_for_update=True)
    if given:
        liked = {"entry_id": key, "member_id": member_id}
        changed = len(await insert_new(work.session, _LIKES, [liked], key=["entry_id", "member_id"]))
    else:
        gone = delete(PlanLike).where(col(PlanLike.entry_id) == key, col(PlanLike.member_id) == member_id)
        changed = -(await work.session.execute(gone)).rowcount  # type: ignore[attr-defined]
    seen.entry.likes += changed
    return seen


async def comment(work: Work, key: UUID, body: CommentCreate) -> tuple[SeenEntry, PlanComment]:
    """Say something to a day of a participant; others read it once moderation has looked at it."""
    seen = await seen_entry(work, key, of=CHECKIN_PLANS_COMMENT)
    _refuse("comment", seen, work)
    await work.session.refresh(seen.entry, with_for_update=True)
    if seen.entry.comments >= MOST_COMMENTS:
        raise problems.TOO_MANY_COMMENTS()
    row = PlanComment(
        community_id=seen.entry.community_id,
        entry_id=key,
        author_id=_member(seen),
        body=body.body,
        created_at=work.now,
    )
    work.session.add(row)
    seen.entry.comments += 1
    await work.session.flush()
    await texts.written(
        work.session,
        community_id=row.community_id,
        kind=COMMENT,
        object_id=row.id,
        author_id=row.author_id,
        text={"body": row.body},
        now=work.now,
    )
    return seen, row


async def remove_comment(work: Work, key: UUID) -> None:
    """Take a comment away: their own, or any for who runs the community."""
    row = await existing(work.session, PlanComment, key)
    seen = await seen_entry(work, row.entry_id, of=CHECKIN_PLANS_COMMENT)
    standing = seen.reader.standing
    if row.author_id != standing.member_id and Reach.ALL not in CHECKIN_PLANS_COMMENT.reach(standing.columns):
        raise FORBIDDEN()
    await work.session.refresh(seen.entry, with_for_update=True)
    gone = delete(PlanComment).where(col(PlanComment.id) == key)
    seen.entry.comments -= (await work.session.execute(gone)).rowcount  # type: ignore[attr-defined]
    await audit(work.session, work.caller, row, "remove", {"author_id": [str(row.author_id), None]}, work.now)


def _member(seen: SeenEntry) -> UUID:
    if seen.reader.standing.member_id is None:
        raise NOT_FOUND()
    return seen.reader.standing.member_id


def _sender(work: Work) -> UUID:
    """Who hands a day in: a person, for a member checks in themself."""
    if work.caller is None:
        raise FORBIDDEN()
    return work.caller.id


def _refuse(action: str, seen: SeenEntry, work: Work) -> None:
    refused = refusal(action, seen, work)
    if refused is not None:
        raise refused()


async def _held(work: Work, entry: PlanEntry) -> PlanParticipant:
    """Lock the wallet, in which a completed plan may be paid, then who takes part, and the day."""
    await hold(work.session, {entry.member_id: entry.community_id})
    return await locked(work, entry)


async def _settle(work: Work, seen: SeenEntry, row: PlanParticipant) -> Any:
    calendar = await work_calendar(work.session)
    return await settle(work.session, [(seen.reader.plan, row)], calendar, work.now)
