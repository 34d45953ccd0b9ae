"""What members answer to the form of an activity: bound to its version, and gone with the registration."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import and_, delete, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, delete_some
from chassis.database.statements import Prepared
from chassis.forms.answers import errors_in, excess
from chassis.forms.problems import ANSWERS_INVALID, below
from chassis.interpreting import interpreted
from chassis.timers import Timer, Timers
from chassis.web.work import Work
from services.events.activities.forms import form_of
from services.events.activities.models import Activity
from services.events.registrations.models import Registration, RegistrationAnswers
from services.events.registrations.problems import ANSWERS_TOO_LARGE, FORM_CHANGED, NOTHING_ASKED
from services.events.registrations.rules import LIVE
from services.events.registrations.schemas import AnswersPut

MOST_BYTES: Final = 8 * 1024
"""Of one registration: a page of a hundred is read at once."""
KEPT: Final = timedelta(days=180)
"""So long after the end of an activity what was answered is kept."""

timers = Timers()


async def checked(work: Work, activity: Activity, body: AnswersPut) -> dict[str, Any] | None:
    """What is to be kept of the answers; None where the activity asks nothing. Raises `ANSWERS_INVALID`, `FORM_CHANGED`."""
    if body.form_version is not None and body.form_version != activity.form_version:
        raise FORM_CHANGED(form_version=activity.form_version)
    form = await form_of(work.session, activity)
    if form is None:
        if body.answers:
            raise ANSWERS_INVALID(errors=[NOTHING_ASKED])
        return None
    # What is out of proportion is found before it is written down.
    too_much = excess(body.answers)
    if too_much is None and len(given := orjson.dumps(body.answers)) > MOST_BYTES:
        too_much = ANSWERS_TOO_LARGE
    errors = [too_much] if too_much else interpreted(errors_in, orjson.dumps(form.form), given)
    if errors:
        raise ANSWERS_INVALID(errors=below("/answers", errors))
    return {"form_version": form.version, "answers": body.answers, "given_at": work.now}


async def keep(session: AsyncSession, row: Registration, answers: dict[str, Any] | None) -> None:
    """Write the answers of a registration over those that it had."""
    if answers is not None:
        await session.flush()
        await session.merge(RegistrationAnswers(registration_id=row.id, **answers))


def refusal_to_answer(work: Work, row: Registration, activity: Activity) -> str | None:
    """The code of the refusal; None where answers are taken."""
    possible = row.status in LIVE and activity.status == "announced" and work.now < activity.starts_at
    return None if possible and activity.form_version is not None else "illegal_transition"


_ANSWERS: Prepared[Any] = Prepared(
    lambda on: select(
        col(RegistrationAnswers.registration_id),
        col(RegistrationAnswers.form_version),
        col(RegistrationAnswers.answers),
        col(RegistrationAnswers.given_at),
    ).where(on.among(col(RegistrationAnswers.registration_id), "ids"))
)


async def answers_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What was answered, by registration."""
    return {row.registration_id: row for row in await _ANSWERS.all(session, ids=list(ids))} if ids else {}


async def drop(session: AsyncSession, rows: Sequence[Registration]) -> None:
    """Drop what members answered who do not come."""
    of_these = among(session, col(RegistrationAnswers.registration_id), [row.id for row in rows])
    await session.execute(delete(RegistrationAnswers).where(of_these))


async def drop_of(session: AsyncSession, registrations: Any) -> None:
    """Drop what was answered in these registrations, a query of their ids."""
    of_these = delete(RegistrationAnswers).where(col(RegistrationAnswers.registration_id).in_(registrations))
    await session.execute(of_these.execution_options(synchronize_session=False))


@timers.every(timedelta(hours=1), kind="registrations.forget_answers")
async def forget_answers(session: AsyncSession, timer: Timer) -> None:
    """Drop what was answered for activities that ended half a year ago."""
    before = timer.now - KEPT
    over = (
        select(col(Registration.id))
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .where(col(Activity.ends_at) < before)
    )
    table = RegistrationAnswers.__table__  # type: ignore[attr-defined]
    # Nobody answers after the start, so what is younger need not be looked at.
    await delete_some(session, table, and_(table.c.given_at < before, table.c.registration_id.in_(over)))
