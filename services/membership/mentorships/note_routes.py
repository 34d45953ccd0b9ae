"""HTTP of what the two of a mentorship write down."""

from uuid import UUID

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.mentorships import going_on, problems, queries
from services.membership.mentorships.access import seen
from services.membership.mentorships.schemas import MentorshipNoteCreate, MentorshipNotePublic
from services.membership.mentorships.views import notes_shown
from services.membership.permissions import MENTORSHIPS_OWN, MENTORSHIPS_READ

router = api_router(tags=["Mentorships"])

NOTES = "/v1/mentorships/{mentorship_id}/notes"


@router.post(NOTES, status_code=201)
@operation(permission=MENTORSHIPS_OWN, problems=[ILLEGAL_TRANSITION, problems.NOTES_FULL], located=False)
async def create_mentorship_note(mentorship_id: UUID, body: MentorshipNoteCreate, work: Write) -> MentorshipNotePublic:
    """Write something down, for the two of you, or for those who run the community, too."""
    note = await going_on.write_note(work, mentorship_id, body)
    return (await notes_shown(work, [note], note.author_id))[0]


@router.get(NOTES)
@operation(permission=MENTORSHIPS_READ)
async def list_mentorship_notes(mentorship_id: UUID, work: Read, page: PageQuery) -> Page[MentorshipNotePublic]:
    """List the notes of a mentorship, the newest first: the two all, who runs the community those that are shared."""
    found = await seen(work, mentorship_id)
    notes = queries.notes_of(mentorship_id, shared_only=found.side is None)
    reader_id = found.standing.member_id
    return await paginate_together(work.session, notes, page=page, to=lambda rows: notes_shown(work, rows, reader_id))
