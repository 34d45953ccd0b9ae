"""Use cases while it goes on, and after it: goals, notes, what each says of it."""

from uuid import UUID

from chassis.web.etags import require_match
from chassis.web.work import Work
from services.membership.base import texts
from services.membership.mentorships import problems, rules
from services.membership.mentorships.access import SeenMentorship, acting, seen, side_can
from services.membership.mentorships.clock import catch_up
from services.membership.mentorships.models import MentorshipNote
from services.membership.mentorships.news import about
from services.membership.mentorships.schemas import MentorshipFeedbackCreate, MentorshipNoteCreate, MentorshipPatch

NOTE = "mentorship_note"
"""As what moderation knows a shared note."""


async def change(work: Work, key: UUID, body: MentorshipPatch, if_match: int) -> SeenMentorship:
    """Write its goals anew, and say which are reached."""
    found = await seen(work, key, lock=True)
    row = found.mentorship
    if found.side is not None:
        require_match(row.version, if_match)
    side_can(work, found, "update")
    goals = [goal.model_dump() for goal in body.goals] if "goals" in body.model_fields_set else row.goals
    if goals != row.goals:
        row.goals = goals
        row.version += 1
    return found


async def write_note(work: Work, key: UUID, body: MentorshipNoteCreate) -> MentorshipNote:
    """Write something down. Raises `NOTES_FULL`."""
    found = await acting(work, key, "write_note")
    row = found.mentorship
    if row.notes >= rules.MOST_NOTES:
        raise problems.NOTES_FULL()
    note = MentorshipNote(
        community_id=row.community_id,
        mentorship_id=row.id,
        author_id=row.mentor_id if found.side == "mentor" else row.mentee_id,
        text=body.text,
        shared=body.shared,
        written_at=work.now,
    )
    work.session.add(note)
    row.notes, row.noted_at = row.notes + 1, work.now
    await work.session.flush()
    if note.shared:
        await texts.written(
            work.session,
            community_id=note.community_id,
            kind=NOTE,
            object_id=note.id,
            author_id=note.author_id,
            text={"text": note.text},
            now=work.now,
        )
    return note


async def give_feedback(work: Work, key: UUID, body: MentorshipFeedbackCreate) -> tuple[SeenMentorship, bool]:
    """Say how it was, once. Returns whether it was said now; again, it changes nothing."""
    found = await seen(work, key, lock=True)
    side = found.side
    if side is not None and side in found.mentorship.said:
        return found, False
    side = side_can(work, found, "give_feedback")
    row = found.mentorship
    await catch_up(work.session, row, work.now)
    said = {"rating": body.rating, "words": body.words, "given_at": work.now.isoformat()}
    if side == "mentor":
        row.mentor_feedback = said
    else:
        row.mentee_feedback = said
    row.version += 1
    if len(row.said) == 2:
        await about(work.session, row, "feedback", by=side, at=work.now)
    return found, True
