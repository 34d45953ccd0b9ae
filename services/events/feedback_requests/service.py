"""Use cases of feedback requests: asking colleagues, answering, and closing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND, refused
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.workdays import work_calendar
from chassis.security.authority import Standing, authorize
from chassis.timers import Late, Timer, Timers, cancel, schedule
from chassis.web.work import Work
from chassis.working_time import due_after
from services.events.activities.queries import statuses_of
from services.events.feedback_requests import problems
from services.events.feedback_requests.models import FeedbackColleague, FeedbackRequest
from services.events.feedback_requests.queries import colleagues_of
from services.events.feedback_requests.rules import WORKDAYS_TO_ANSWER, Action, refusal, status_at
from services.events.feedback_requests.schemas import FeedbackAnswers, FeedbackRequestCreate
from services.events.permissions import FEEDBACK_REQUESTS_READ

CLOSE: Final = "feedback_request.close"
LONGEST: Final = timedelta(days=92)

timers = Timers()


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request that the caller made, or that asks them; nobody else finds it."""

    request: FeedbackRequest
    colleagues: list[FeedbackColleague]
    standing: Standing

    @property
    def by_caller(self) -> bool:
        """Whether the work is the caller's."""
        return self.request.author_id == self.standing.member_id

    @property
    def own(self) -> FeedbackColleague | None:
        """What the caller is asked."""
        return next((one for one in self.colleagues if one.member_id == self.standing.member_id), None)

    def refusal(self, action: Action, work: Work) -> str | None:
        """Why the caller cannot do it now, by its code."""
        state = status_at(self.request.status, self.request.closes_at, work.now)
        return refusal(action, state=state, author=self.by_caller, asked=self.own is not None)


async def ask(work: Work, body: FeedbackRequestCreate) -> SeenRequest:
    """Ask colleagues what they think of a piece of the caller's work."""
    if work.permission is None:
        raise TypeError("an operation that asks declares a permission")
    standing = await authorize(work.session, work.caller, work.permission, body.community_id, own=True, now=work.now)
    if standing.member_id is None:
        raise NOT_FOUND()
    if body.closes_at is not None and not work.now < body.closes_at <= work.now + LONGEST:
        raise INVALID(errors=[problems.IN_THE_PAST])
    statuses = await statuses_of(work.session, body.community_id, body.member_ids)
    others = {one for one, status in statuses.items() if status not in LEFT_STATUSES and one != standing.member_id}
    if others != body.member_ids:
        raise INVALID(errors=[problems.NO_COLLEAGUE])
    calendar = await work_calendar(work.session)
    closes_at = body.closes_at or due_after(
        work.now, WORKDAYS_TO_ANSWER, time_zone=standing.community.time_zone, is_workday=calendar.is_workday
    )
    request = FeedbackRequest(
        **body.model_dump(include={"community_id", "title", "description", "questions"}),
        author_id=standing.member_id,
        closes_at=closes_at,
        created_at=work.now,
    )
    work.session.add(request)
    await work.session.flush()
    rows: list[dict[str, Any]] = [
        {"request_id": request.id, "member_id": one, "answers": None, "answered_at": None} for one in sorted(others)
    ]
    await insert_many(work.session, FeedbackColleague.__table__, rows)  # type: ignore[attr-defined]
    await schedule(work.session, CLOSE, request.id, closes_at)
    return SeenRequest(request, [FeedbackColleague(**row) for row in rows], standing)


async def seen_request(work: Work, key: UUID, *, lock: bool = False) -> SeenRequest:
    """The request, for its author and for whom it asks. Raises `NOT_FOUND` for everybody else, whatever they run."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    request = await existing(work.session, FeedbackRequest, key, lock=lock)
    standing = await authorize(
        work.session,
        work.caller,
        work.permission,
        request.community_id,
        own=True,
        seen_by=FEEDBACK_REQUESTS_READ,
        now=work.now,
    )
    colleagues = (await colleagues_of(work.session, [key]))[key]
    seen = SeenRequest(request, colleagues, standing)
    if standing.member_id is None or not (seen.by_caller or seen.own):
        raise NOT_FOUND()
    return seen


async def answer(work: Work, key: UUID, body: FeedbackAnswers) -> SeenRequest:
    """Say what the caller thinks. Once said, it stays; again, it changes nothing."""
    seen = await seen_request(work, key, lock=True)
    if seen.own is None:
        raise FORBIDDEN()
    if seen.own.answered_at is not None:
        return seen
    if seen.refusal("answer", work) is not None:
        raise problems.FEEDBACK_CLOSED()
    if len(body.answers) != len(seen.request.questions):
        raise INVALID(errors=[problems.NOT_EACH])
    row = await work.session.get_one(FeedbackColleague, (key, seen.own.member_id))
    row.sqlmodel_update({"answers": list(body.answers), "answered_at": work.now})
    await work.session.flush()
    return SeenRequest(seen.request, (await colleagues_of(work.session, [key]))[key], seen.standing)


async def close(work: Work, key: UUID) -> SeenRequest:
    """Take no more answers. Again, it changes nothing."""
    seen = await seen_request(work, key, lock=True)
    request = seen.request
    if not seen.by_caller:
        raise FORBIDDEN()
    if request.status == "closed":
        return seen
    code = seen.refusal("close", work)
    if code is not None:
        raise refused(code, state="closed")
    await cancel(work.session, CLOSE, request.id)
    request.sqlmodel_update({"status": "closed", "closed_at": work.now, "version": request.version + 1})
    return seen


@timers.on(CLOSE, late=Late.ENDING)
async def close_by_itself(session: AsyncSession, timer: Timer) -> None:
    """Close a request when it was due."""
    request = await session.get(FeedbackRequest, timer.subject_id, with_for_update=True, populate_existing=True)
    if request is None or request.status == "closed" or request.closes_at > timer.now:
        return
    values = {"status": "closed", "closed_at": request.closes_at, "version": request.version + 1}
    request.sqlmodel_update(values)
