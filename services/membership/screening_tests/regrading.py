"""Corrections at work: tried on all applications first, then written, some applications at a time.

Each piece takes the campaign, then its applications, then their attempts, as whoever hands in or decides does: what they have just done is
graded, and what they do next finds the version that is in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many, upsert_many
from chassis.database.context import SYSTEM_ACTOR
from chassis.database.statements import Prepared, bindparam
from chassis.timers import Late, Timer, Timers, again, schedule
from services.membership.applications.coming_back import bring_back
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.screening_tests.models import Attempt, GivenAnswer, TestRegrade, TestRegradeLine
from services.membership.screening_tests.papers import drawn_for
from services.membership.screening_tests.regrade_rules import Ended, Fate, Place, fate
from services.membership.screening_tests.regrades import TRY
from services.membership.screening_tests.results import SETTLE, graded, knocks_out, test_of, verdict_of
from services.membership.screening_tests.rules import Taken, Verdict

TOGETHER: Final = 25
"""Each has up to ten attempts of up to 500 answers, of which most have one of some dozens."""
_FIRST: Final = UUID(int=0)
_LINES: Any = TestRegradeLine.__table__  # type: ignore[attr-defined]

timers = Timers()


def _next() -> Any:
    return (
        select(Application)
        .where(
            col(Application.campaign_id) == bindparam("campaign_id"),
            col(Application.id) > bindparam("upto"),
            col(Application.test_attempts) > 0,
            col(Application.forgotten_at).is_(None),
        )
        .order_by(col(Application.id))
        .limit(TOGETHER)
    )


_NEXT: Prepared[Any] = Prepared(_next())
_NEXT_LOCKED: Prepared[Any] = Prepared(_next().with_for_update())
_ATTEMPTS: Prepared[Any] = Prepared(
    lambda on: (
        select(Attempt)
        .where(on.among(col(Attempt.application_id), "ids"))
        .order_by(col(Attempt.application_id), col(Attempt.number))
    )
)
_ATTEMPTS_LOCKED: Prepared[Any] = Prepared(
    lambda on: (
        select(Attempt)
        .where(on.among(col(Attempt.application_id), "ids"))
        .order_by(col(Attempt.application_id), col(Attempt.number))
        .with_for_update()
    )
)
_ANSWERS: Prepared[Any] = Prepared(
    lambda on: (
        select(GivenAnswer)
        .where(on.among(col(GivenAnswer.attempt_id), "ids"))
        .order_by(col(GivenAnswer.attempt_id), col(GivenAnswer.question_id))
    )
)
_LIVE: Prepared[UUID] = Prepared(
    lambda on: select(col(Application.person_id)).where(
        col(Application.campaign_id) == bindparam("campaign_id"),
        on.among(col(Application.person_id), "ids"),
        col(Application.live).is_(True),
    )
)
_GONE: Prepared[UUID] = Prepared(
    lambda on: select(col(Person.id)).where(on.among(col(Person.id), "ids"), col(Person.status).in_(["left", "erased"]))
)


@dataclass(frozen=True, slots=True)
class _Anew:
    """An application as the correction sees it: its attempts with what each comes to and how much of it waits for people."""

    application: Application
    attempts: list[tuple[Attempt, int, int]]
    verdict: Verdict
    fate: Fate

    @property
    def line(self) -> dict[str, Any] | None:
        """What changes; None if nothing does."""
        one, found = self.application, self.verdict
        same = (one.test_score, one.test_result) == (found.score, found.result)
        if same and not self.fate.returns and self.fate.stays is None:
            return None
        return {
            "application_id": one.id,
            "score_before": one.test_score,
            "score": found.score,
            "result_before": one.test_result,
            "result": found.result,
            "returns": self.fate.returns,
            "stays": self.fate.stays,
        }


@timers.on(TRY, late=Late.ENDING)
async def go_on(session: AsyncSession, timer: Timer) -> None:
    """Do the next piece of a correction, and come again until all is done."""
    noted = await session.get(TestRegrade, timer.subject_id)
    if noted is None:
        return
    campaign = await session.get_one(Campaign, noted.campaign_id, with_for_update=True, populate_existing=True)
    regrade = await session.get_one(TestRegrade, noted.id, with_for_update=True, populate_existing=True)
    if regrade.status not in ("trying", "grading"):
        return
    writes = regrade.status == "grading"
    found = await _anew(session, campaign, regrade, timer.now, writes=writes)
    if not found:
        regrade.sqlmodel_update({"status": "graded" if writes else "tried", "upto": None})
        return
    regrade.upto = found[-1].application.id
    if writes:
        await _write(session, campaign, regrade, found, timer.now)
    else:
        await _note(session, regrade, found)
    await again(session, timer)


async def _note(session: AsyncSession, regrade: TestRegrade, found: Sequence[_Anew]) -> None:
    lines = [line | {"regrade_id": regrade.id} for one in found if (line := one.line) is not None]
    await insert_many(session, _LINES, lines)
    regrade.sqlmodel_update(
        {
            "looked_at": regrade.looked_at + len(found),
            "changed": regrade.changed + len(lines),
            "passes": regrade.passes + sum(_passes(one["result_before"], one["result"]) for one in lines),
            "fails": regrade.fails + sum(_passes(one["result"], one["result_before"]) for one in lines),
            "returns": regrade.returns + sum(one["returns"] for one in lines),
        }
    )


def _passes(before: str | None, after: str | None) -> bool:
    return before != "passed" and after == "passed"


async def _write(
    session: AsyncSession, campaign: Campaign, regrade: TestRegrade, found: Sequence[_Anew], now: datetime
) -> None:
    """Each attempt, what they come to together, and who comes back. Nobody is moved on by it, nor falls from where they are."""
    settings = test_of(campaign)
    lines = [line | {"regrade_id": regrade.id} for one in found if (line := one.line) is not None]
    await upsert_many(
        session,
        _LINES,
        lines,
        key=["regrade_id", "application_id"],
        update=["score_before", "score", "result_before", "result", "returns", "stays"],
    )
    for one in found:
        application = one.application
        for attempt, score, ungraded in one.attempts:
            attempt.sqlmodel_update({"score": score, "ungraded": ungraded, "graded_version": regrade.paper_version})
        application.sqlmodel_update(
            {"test_result": one.verdict.result, "test_score": one.verdict.score, "test_full": one.verdict.full}
        )
        if one.fate.returns:
            await bring_back(session, application, campaign, actor=regrade.decided_by or SYSTEM_ACTOR, now=now)
            regrade.returned += 1
        elif knocks_out(settings, application):
            # Who is in the test still is judged by it as it is now.
            await schedule(session, SETTLE, application.id, now)


async def _anew(
    session: AsyncSession, campaign: Campaign, regrade: TestRegrade, now: datetime, *, writes: bool
) -> list[_Anew]:
    """The next applications as the later version grades them, locked where that is to be written. Of whom nothing is left is left as it is."""
    upto = regrade.upto or _FIRST
    applications = await (_NEXT_LOCKED if writes else _NEXT).load(
        session, again=True, campaign_id=campaign.id, upto=upto
    )
    if not applications:
        return []
    ids = [one.id for one in applications]
    attempts = await (_ATTEMPTS_LOCKED if writes else _ATTEMPTS).load(session, again=True, ids=ids)
    by_application: dict[UUID, list[Attempt]] = {one: [] for one in ids}
    for one in attempts:
        by_application[one.application_id].append(one)
    answers: dict[UUID, list[Any]] = {one.id: [] for one in attempts}
    for given in await _ANSWERS.all(session, ids=list(answers)):
        answers[given.attempt_id].append(given)
    places = await _places(session, campaign, applications)
    found: list[_Anew] = []
    back: set[UUID] = set()
    for application in applications:
        theirs = by_application[application.id]
        graded_anew = [
            (one, *graded(await drawn_for(session, one, version=regrade.paper_version), one, answers[one.id]))
            for one in theirs
            if one.handed_in_at is not None
        ]
        by_id = {one.id: (score, ungraded) for one, score, ungraded in graded_anew}
        taken = [Taken(one.handed_in_at is not None, *_of(one, by_id.get(one.id))) for one in theirs]
        verdict = verdict_of(application, test_of(campaign), taken, now) if theirs else _as_it_was(application)
        place = places[application.id]
        # Of several that somebody had one after another, one comes back.
        place = replace(place, applied_again=place.applied_again or application.person_id in back)
        ended = fate(_ended(application), verdict.result, place)
        if ended.returns:
            back.add(application.person_id)
        found.append(_Anew(application, graded_anew, verdict, ended))
    return found


def _of(attempt: Attempt, graded_anew: tuple[int, int] | None) -> tuple[int, int, int]:
    score, ungraded = graded_anew or (0, 0)
    return score, attempt.full or 0, ungraded


def _as_it_was(application: Application) -> Verdict:
    """Of somebody who was erased meanwhile: what it came to stays."""
    return Verdict(application.test_result, application.test_score, application.test_full)  # type: ignore[arg-type]  # the check constraint says so


def _ended(application: Application) -> Ended:
    return Ended(
        state=application.state,
        outcome=application.outcome,
        knocked_out=application.knocked_out,
        by_machine=application.decided_by == SYSTEM_ACTOR,
        failed=application.failed_requirements,
    )


async def _places(session: AsyncSession, campaign: Campaign, applications: Sequence[Application]) -> dict[UUID, Place]:
    """Whether there is a way back for each, in as many statements for many as for one."""
    ids = sorted({one.person_id for one in applications if not one.live})
    live = set(await _LIVE.all(session, campaign_id=campaign.id, ids=ids)) if ids else set()
    gone = set(await _GONE.all(session, ids=ids)) if ids else set()
    community = await session.get_one(Community, campaign.community_id)
    return {
        one.id: Place(
            campaign_archived=campaign.status == "archived",
            community_archived=community.status != "open",
            person_left=one.person_id in gone,
            applied_again=not one.live and one.person_id in live,
        )
        for one in applications
    }
