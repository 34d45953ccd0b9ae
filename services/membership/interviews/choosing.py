"""What applicants do with interviews: choose one, or give it up in time."""

from uuid import UUID

from chassis.audit import audit
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from services.membership.interviews.access import InterviewSeen, check, found
from services.membership.interviews.occasions import InterviewMoved, Step, interview_moved


async def choose(work: Work, interview_id: UUID) -> InterviewSeen:
    """Choose a slot; of several at once one gets it, and who has it has it still. Raises `SLOT_TAKEN`, `ALREADY_CHOSEN`, `ILLEGAL_TRANSITION`."""
    seen = await found(work, interview_id, lock=True)
    if not check("choose", seen, work):
        return seen
    if seen.application is None:
        raise NOT_FOUND()
    interview = seen.interview
    interview.status, interview.application_id, interview.chosen_at = "chosen", seen.application.id, work.now
    return await _done(work, seen, "chosen")


async def give_up(work: Work, interview_id: UUID) -> InterviewSeen:
    """Give it up, at least a day before it begins; it is offered again. Raises `TOO_LATE_TO_GIVE_UP`, `ILLEGAL_TRANSITION`."""
    seen = await found(work, interview_id, lock=True)
    check("give_up", seen, work)
    interview = seen.interview
    interview.status, interview.application_id, interview.chosen_at = "offered", None, None
    return await _done(work, seen, "given_up")


async def _done(work: Work, seen: InterviewSeen, step: Step) -> InterviewSeen:
    interview = seen.interview
    interview.version += 1
    await work.session.flush()
    action = "choose" if step == "chosen" else "give_up"
    applicant = seen.application.person_id if seen.application is not None else None
    moved = InterviewMoved(interview, seen.campaign.title, step, applicant, seen.people, work.actor, work.now)
    await interview_moved.happened(work.session, moved)
    await audit(work.session, work.caller, interview, action, {"chosen_at": [None, interview.chosen_at]}, work.now)
    return seen
