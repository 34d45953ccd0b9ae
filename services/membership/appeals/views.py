"""How appeals are answered, by who reads them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.locale import Locale
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.appeals.access import AppealSeen, deciding, needs_reviewer
from services.membership.appeals.models import Appeal
from services.membership.appeals.progress import progress_of
from services.membership.appeals.queries import answers_of, people_of, runners_of
from services.membership.appeals.rules import TAKING_BACK
from services.membership.appeals.schemas import AppealedPublic, AppealPublic, ChangedPublic, StoodPublic
from services.membership.appeals.things import things_of
from services.membership.penalties.queries import around
from services.membership.roster.queries import embedded_by_id

_AS_IT_IS: Final = (
    "id",
    "community_id",
    "status",
    "words",
    "created_at",
    "due_at",
    "question",
    "asked_at",
    "answer",
    "answered_at",
    "paused_at",
    "reason",
    "decided_at",
)


async def shown(work: Work, standing: Standing, appeals: Sequence[Appeal]) -> list[AppealPublic]:
    """Appeals of one community with their members, and what the caller can do about them."""
    session = work.session
    members = await embedded_by_id(session, {one.member_id for one in appeals}, work.now)
    people = await people_of(session, {one.member_id for one in appeals})
    things = await things_of(session, appeals, work.now)
    runs = await runners_of(session, standing.community.id, work.now)
    caller_id = work.caller.id if work.caller is not None and work.caller.kind == "person" else None
    answers = []
    for one in appeals:
        thing, person_id = things[one.object_id], people[one.member_id]
        seen = AppealSeen(
            one,
            thing,
            standing,
            person_id,
            caller_id == person_id,
            caller_id is not None and caller_id == one.reviewer_id,
            needs_reviewer(thing, runs),
        )
        answers.append(_public(work, seen, members[one.member_id]))
    return answers


async def shown_whole(work: Work, seen: AppealSeen, locale: Locale) -> AppealPublic:
    """One appeal, with how far the services are."""
    members = await embedded_by_id(work.session, [seen.appeal.member_id], work.now)
    answer = _public(work, seen, members[seen.appeal.member_id])
    if seen.appeal.revision is not None:
        answer.changed = await _changed(work, seen.thing.id, seen.appeal.revision)
    takes_back = seen.appeal.status in TAKING_BACK
    if seen.thing.revision is None:
        # What was removed is given back by content, and seen again when it says so.
        waits = seen.appeal.piece_id is not None and not seen.thing.undone
        return answer.model_copy(update={"finished": not waits if takes_back else None})
    if not takes_back:
        # What services have said until then is what the penalty itself brought: nothing of it is taken back.
        return answer.model_copy(update={"progress": []})
    known = (await answers_of(work.session, [seen.thing.id])).get(seen.thing.id, {})
    progress = progress_of(seen.thing.revision, known, locale)
    return answer.model_copy(update={"progress": progress, "finished": all(one.answered for one in progress[1:])})


async def _changed(work: Work, penalty_id: UUID, revision: int) -> ChangedPublic:
    rows = await around(work.session, penalty_id, revision)
    after, before = (StoodPublic.model_validate(row, from_attributes=True) for row in rows)
    return ChangedPublic(before=before, after=after)


def _public(work: Work, seen: AppealSeen, member: object) -> AppealPublic:
    one = seen.appeal
    fields = {name: getattr(one, name) for name in _AS_IT_IS}
    return AppealPublic.model_validate(
        fields
        | {
            "member": member,
            "object": AppealedPublic(kind=one.object_kind, id=one.piece_id or one.object_id),
            "for_reviewer": seen.for_reviewer,
            "reviewed": one.reviewer_id is not None,
            "revision": seen.thing.revision,
            "viewer": _viewer(work, seen),
        }
    )


def _viewer(work: Work, seen: AppealSeen) -> Viewer:
    one, decides = seen.appeal, deciding(work, seen)
    waits = seen.state == "open" and one.asked_at is not None and one.answered_at is None
    return Viewer.of(
        {
            "decide": decides,
            "ask": decides or ("already_asked" if one.asked_at is not None else None),
            "answer": "forbidden" if not seen.is_appellant else None if waits else "illegal_transition",
        }
    )
