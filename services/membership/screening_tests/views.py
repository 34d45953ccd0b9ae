"""An attempt as its applicant reads it, and as those do who grade."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from assessment.documents import answer_of
from assessment.grading import grade
from assessment.questions import Answer
from chassis.security.caller import Caller
from chassis.web.schemas import Viewer
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.screening_tests import access
from services.membership.screening_tests.models import Attempt
from services.membership.screening_tests.papers import Drawn, OnSheet
from services.membership.screening_tests.results import kept_test
from services.membership.screening_tests.rules import ended
from services.membership.screening_tests.schemas import (
    AnswerKept,
    AttemptAnswers,
    AttemptPublic,
    AttemptResult,
    AttemptSaved,
    GradedAnswer,
    PairKept,
    SheetPart,
    SheetPicture,
    SheetQuestion,
    SheetSection,
)


def for_applicant(
    attempt: Attempt,
    application: Application,
    drawn: Drawn,
    answers: Sequence[Any],
    now: datetime,
    *,
    address: Callable[[UUID], str],
) -> AttemptPublic:
    """The sheet and what was saved: nothing of what is right, nor of what it comes to."""
    kept = {one.question_id: one for one in answers}
    over = _over(attempt, now)
    refusal = "attempt_over" if over is not None or application.state != "testing" else None
    return AttemptPublic(
        id=attempt.id,
        application_id=attempt.application_id,
        campaign_id=attempt.campaign_id,
        number=attempt.number,
        state="running" if refusal is None else "handed_in",
        client_id=attempt.client_id,
        started_at=attempt.started_at,
        ends_at=attempt.ends_at,
        handed_in_at=over,
        sequence=max((one.sequence for one in answers), default=0),
        server_time=now,
        sections=[
            SheetSection(
                title=title, questions=[_question(one, drawn.questions[one], kept, address) for one in questions]
            )
            for title, questions in drawn.sections
        ],
        viewer=Viewer.of({"save": refusal, "hand_in": refusal}),
    )


def saved(attempt: Any, now: datetime) -> AttemptSaved:
    """What is told after a save: little, as there are many."""
    state = "running" if _over(attempt, now) is None else "handed_in"
    return AttemptSaved(id=attempt.id, state=state, ends_at=attempt.ends_at, server_time=now)


def for_graders(
    attempt: Attempt, campaign: Campaign, application: Application, caller: Caller | None, now: datetime
) -> AttemptResult:
    """What an attempt comes to so far, without a name."""
    return AttemptResult(**_result(attempt, campaign, application, caller, now))


def answers_for_graders(
    attempt: Attempt,
    campaign: Campaign,
    application: Application,
    drawn: Drawn,
    answers: Sequence[Any],
    caller: Caller | None,
    now: datetime,
) -> AttemptAnswers:
    """The same, with each answer and what it is worth."""
    kept = {one.question_id: one for one in answers}
    order = [one for _, questions in drawn.sections for one in questions]
    return AttemptAnswers(
        **_result(attempt, campaign, application, caller, now),
        answers=[_graded(one, drawn.questions[one], kept.get(one)) for one in order],
    )


def _result(
    attempt: Attempt, campaign: Campaign, application: Application, caller: Caller | None, now: datetime
) -> dict[str, Any]:
    over, settings = _over(attempt, now), kept_test(campaign)
    passed = None
    if attempt.score is not None and attempt.full is not None:
        # What waits for people may still bring it over the mark.
        passed = settings.passes(attempt.score, attempt.full) or (None if attempt.ungraded else False)
    return {
        "id": attempt.id,
        "application_id": attempt.application_id,
        "campaign_id": attempt.campaign_id,
        "number": attempt.number,
        "state": "running" if over is None else "handed_in",
        "started_at": attempt.started_at,
        "ends_at": attempt.ends_at,
        "handed_in_at": over,
        "handed_in_by": attempt.handed_in_by or (None if over is None else "clock"),
        "score": attempt.score,
        "full": attempt.full,
        "passed": passed,
        "ungraded": attempt.ungraded,
        "graded_version": attempt.questions_version,
        "viewer": _graders_viewer(attempt, campaign, application, caller, now),
    }


def _graders_viewer(
    attempt: Attempt, campaign: Campaign, application: Application, caller: Caller | None, now: datetime
) -> Viewer:
    if access.is_own(caller, application):
        return Viewer.of(dict.fromkeys(("grade", "reopen"), "conflict_of_interest"))
    over = _over(attempt, now)
    last = attempt.number == application.test_attempts
    reopens = over is not None and last and access.in_test(application, campaign, now)
    return Viewer.of(
        {
            "grade": None if attempt.handed_in_at is not None else "nothing_to_grade",
            "reopen": None if reopens else "illegal_transition",
        }
    )


def _over(attempt: Any, now: datetime) -> datetime | None:
    return ended(attempt.handed_in_at, attempt.ends_at, now)


def _question(
    question_id: str, asked: OnSheet, kept: Mapping[str, Any], address: Callable[[UUID], str]
) -> SheetQuestion:
    sheet = asked.letters.sheet(asked.question)
    given = kept.get(question_id)
    return SheetQuestion(
        id=question_id,
        kind=sheet.kind,
        text=sheet.text,
        marks=sheet.marks,
        choices=[SheetPart(letter=letter, text=text) for letter, text in sheet.choices],
        stems=[SheetPart(letter=letter, text=text) for letter, text in sheet.stems],
        blanks=sheet.blanks if sheet.kind in ("fill_in", "short_text") else 0,
        pictures=[SheetPicture(attachment_id=one, url=address(one)) for one in asked.pictures()],
        answer=None if given is None else _answer(asked.letters.shown(answer_of(given.answer)), given.sequence),
    )


def _answer(shown: Answer, sequence: int) -> AnswerKept:
    return AnswerKept(
        sequence=sequence, choices=list(shown.choices), texts=list(shown.texts), pairs=_pairs(shown.pairs)
    )


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[PairKept]:
    return [PairKept(stem=stem, choice=choice) for stem, choice in pairs]


def _graded(question_id: str, asked: OnSheet, kept: Any | None) -> GradedAnswer:
    question = asked.question
    given = Answer() if kept is None else answer_of(kept.answer)
    found = grade(question, given)
    choices = {one.key: one.text for one in question.choices}
    stems = {one.key: one.text for one in question.stems}
    return GradedAnswer(
        question_id=question_id,
        kind=question.kind,
        text=question.text,
        rubric=question.rubric,
        full=question.marks,
        choices=[choices.get(key, key) for key in given.choices],
        texts=list(given.texts),
        pairs=_pairs([(stems.get(stem, stem), choices.get(choice, choice)) for stem, choice in given.pairs]),
        marks=found.marks if found.marks is not None or kept is None else kept.marks,
        by_people=question.by_people,
    )
