"""How mentorships become answers: the two read all of it, who runs the community its outlines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.security.authority import Standing
from chassis.web.schemas import CommunityEmbed, MemberEmbed, Viewer
from chassis.web.work import Work
from services.membership.base import texts
from services.membership.communities.models import Community
from services.membership.communities.standings import communities_by_id
from services.membership.mentorships import queries, rules
from services.membership.mentorships.access import SeenMentorship
from services.membership.mentorships.models import Mentorship, MentorshipNote
from services.membership.mentorships.rules import ACTIONS, Side, reads_feedback_of, refusal
from services.membership.mentorships.schemas import (
    MentorPublic,
    MentorshipBetween,
    MentorshipFeedback,
    MentorshipGoal,
    MentorshipMine,
    MentorshipNotePublic,
    MentorshipProgress,
    MentorshipPublic,
)
from services.membership.permissions import MENTORSHIPS_OWN
from services.membership.roster.models import Member
from services.membership.roster.queries import embedded_by_id


async def shown(work: Work, found: SeenMentorship) -> MentorshipPublic:
    """One, with what the caller can do about it."""
    row = found.mentorship
    members = await embedded_by_id(work.session, {row.mentor_id, row.mentee_id}, work.now)
    communities = await communities_by_id(work.session, [row.community_id])
    viewer = await _viewer(work, found)
    return _public(row, members, communities, found.side, work.now, viewer)


async def listed(work: Work, rows: Sequence[Mentorship], own_ids: Collection[UUID]) -> list[MentorshipPublic]:
    """Those of a page; `own_ids` are the caller's memberships."""
    members = await embedded_by_id(
        work.session, {one for row in rows for one in (row.mentor_id, row.mentee_id)}, work.now
    )
    communities = await communities_by_id(work.session, [row.community_id for row in rows])
    return [_public(row, members, communities, _side(row, own_ids), work.now) for row in rows]


def _side(row: Mentorship, own_ids: Collection[UUID]) -> Side | None:
    return next((side for one in own_ids if (side := row.side_of(one)) is not None), None)


def _public(
    row: Mentorship,
    members: Mapping[UUID, MemberEmbed],
    communities: Mapping[UUID, Community],
    side: Side | None,
    now: datetime,
    viewer: Viewer | None = None,
) -> MentorshipPublic:
    course = row.course
    status, closed_at = course.status_at(now), course.closed_by(now)
    until = course.feedback_until(now)
    return MentorshipPublic(
        id=row.id,
        community_id=row.community_id,
        community=CommunityEmbed.model_validate(communities[row.community_id]),
        mentor=members[row.mentor_id],
        mentee=members[row.mentee_id],
        status=status,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        answer_until=row.proposed_at + rules.ANSWER_WITHIN,
        answered_at=course.due_at if status == "lapsed" and row.answered_at is None else row.answered_at,
        weeks=row.weeks,
        started_at=row.started_at,
        ends_at=row.ends_at,
        completion_asked_by=row.completion_asked_by if status == "active" else None,
        closed_at=closed_at,
        closed_because=row.closed_because if row.closed_at is not None else "time" if closed_at is not None else None,
        feedback_in=sorted(row.said),
        feedback_until=until,
        progress=_progress(row, now),
        between=None if side is None else _between(row, side, until, now),
        mine=None if side is None else _mine(row, side, now),
        viewer=viewer,
    )


def _progress(row: Mentorship, now: datetime) -> MentorshipProgress:
    runs = row.started_at is not None and row.course.status_at(now) == "active"
    return MentorshipProgress(
        week=rules.week_of(row.started_at, row.weeks, now) if runs and row.started_at is not None else None,
        goals=len(row.goals),
        goals_done=sum(1 for goal in row.goals if goal["done"]),
        notes=row.notes,
        last_note_at=row.noted_at if row.notes else None,
    )


def _between(row: Mentorship, side: Side, until: datetime | None, now: datetime) -> MentorshipBetween:
    def said(whose: Side, words: dict[str, Any] | None) -> MentorshipFeedback | None:
        reads = words is not None and reads_feedback_of(row.said, whose, side, until, now)
        return MentorshipFeedback.model_validate(words) if reads else None

    return MentorshipBetween(
        message=row.message,
        goals=[MentorshipGoal.model_validate(goal) for goal in row.goals],
        reason=row.reason,
        mentor_feedback=said("mentor", row.mentor_feedback),
        mentee_feedback=said("mentee", row.mentee_feedback),
    )


def _mine(row: Mentorship, side: Side, now: datetime) -> MentorshipMine:
    return MentorshipMine(
        side=side,
        answers=refusal("decline", row.course, side, now) is None,
        feedback_given=side in row.said,
    )


async def _viewer(work: Work, found: SeenMentorship) -> Viewer:
    side, course = found.side, found.mentorship.course
    general = _in_general(found.standing, side)
    if side is None or general is not None:
        return Viewer.of(dict.fromkeys(ACTIONS, general or "forbidden"))
    answers = {action: refusal(action, course, side, work.now) for action in ACTIONS}
    if side in found.mentorship.said:
        del answers["give_feedback"]
    if course.completion_asked_by == side:
        answers.pop("complete")
    if answers["accept"] is None:
        answers["accept"] = await _accepting(work, found.mentorship)
    if answers["write_note"] is None and found.mentorship.notes >= rules.MOST_NOTES:
        answers["write_note"] = "notes_full"
    return Viewer.of(answers)


def _in_general(standing: Standing, side: Side | None) -> str | None:
    if side is None or not MENTORSHIPS_OWN.reach(standing.columns):
        return "forbidden"
    return "community_archived" if standing.community.status == "archived" else None


async def _accepting(work: Work, row: Mentorship) -> str | None:
    mentor = await work.session.get_one(Member, row.mentor_id)
    if "mentor" not in mentor.roles_at(work.now):
        return "not_a_mentor"
    if await queries.has_mentor(work.session, row.mentee_id, work.now):
        return "mentee_has_mentor"
    return "mentor_full" if await queries.free_of(work.session, row.mentor_id, work.now) < 1 else None


async def notes_shown(work: Work, rows: Sequence[MentorshipNote], reader_id: UUID | None) -> list[MentorshipNotePublic]:
    """Notes as a member reads them."""
    members = await embedded_by_id(work.session, {row.author_id for row in rows}, work.now)
    hidden = await texts.hidden(work.session, [row.id for row in rows if row.shared])
    return [
        MentorshipNotePublic(
            id=row.id,
            mentorship_id=row.mentorship_id,
            author=members[row.author_id],
            text=row.text if row.id not in hidden or row.author_id == reader_id else None,
            hidden=hidden.get(row.id),
            shared=row.shared,
            written_at=row.written_at,
        )
        for row in rows
    ]


async def mentors_shown(work: Work, rows: Sequence[Any]) -> list[MentorPublic]:
    """Mentors with what they can do and the room that they have."""
    ids = {row[0] for row in rows}
    members = await embedded_by_id(work.session, ids, work.now)
    skills = await queries.skills_of(work.session, ids)
    return [
        MentorPublic(
            member=members[key],
            skills=skills.get(key, []),
            capacity=capacity,
            mentees=taken,
            free=max(0, capacity - taken),
        )
        for key, capacity, taken in rows
    ]
