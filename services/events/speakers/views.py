"""How speakers become answers, for whoever may read how they are reached."""

from collections.abc import Sequence

from chassis.projections.members import embedded
from chassis.web.work import Work
from services.events.activities.access import SeenActivity
from services.events.activities.models import Speaker
from services.events.activities.speaking import speakers_of
from services.events.speakers.queries import contacts_of
from services.events.speakers.schemas import SpeakerPublic


async def shown(work: Work, found: SeenActivity, rows: Sequence[Speaker]) -> list[SpeakerPublic]:
    """Speakers of one activity; a lecturer who only speaks there does not read how others are reached."""
    activity_id = found.activity.id
    named = {one.id: one for one in (await speakers_of(work.session, [activity_id]))[activity_id]}
    reached = await contacts_of(work.session, activity_id) if found.prepares else {}
    members = await embedded(work.session, {one.member_id for one in named.values() if one.member_id is not None})
    answers = []
    for row in rows:
        speaking = named.get(row.id)
        member_id = speaking.member_id if speaking is not None else None
        answers.append(
            SpeakerPublic(
                id=row.id,
                activity_id=row.activity_id,
                name=speaking.name if speaking is not None else None,
                member=members[member_id] if member_id is not None else None,
                person_id=row.person_id,
                email=reached.get(row.id),
                invited_at=row.invited_at,
                withdrawn_at=row.withdrawn_at,
            )
        )
    return answers
