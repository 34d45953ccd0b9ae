"""How surveys become answers, for whoever reads them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.surveys.access import ACTIONS, SeenSurvey, as_seen
from services.events.surveys.defaults import title_of
from services.events.surveys.models import Survey, SurveyAnswer
from services.events.surveys.queries import NOTHING, own
from services.events.surveys.schemas import (
    AboutPublic,
    SurveyAnsweredPublic,
    SurveyAnswerPublic,
    SurveyChoiceCount,
    SurveyListed,
    SurveyMine,
    SurveyPublic,
    SurveyQuestionPublic,
    SurveyResult,
    SurveyResultsPublic,
)

PRIVACY: Final[Mapping[str, tuple[str, str]]] = {
    "named": (
        "Your answer is read with your name by the operators and owners of this community.",
        "本社群的运营与负责人会看到你的姓名与作答。",
    ),
    "anonymous": (
        (
            "Your answer is kept without your name and without a time. That you took part is kept apart from it. Results are shown after the "
            "survey has closed, from five answers on, and only all together. Until then nobody but whoever administers the database itself "
            "could see in which order answers came; then they are mixed, and the order is gone."
        ),
        "你的作答不记录姓名与时间，是否参与另行记录。问卷结束后、满五份答卷才显示汇总结果。结束之前，只有数据库管理员本人可能看出答卷的先后顺序；结束后答卷会被打乱，顺序不再留存。",
    ),
}
"""What is said beside the form, in English and in Chinese."""


async def listed(
    work: Work, rows: Sequence[Survey], standing: Standing | None, member_ids: Sequence[UUID]
) -> list[SurveyListed]:
    """Surveys as lists show them; without a standing they are of all the caller's communities."""
    mine = await own(work.session, [row.id for row in rows], member_ids)
    seen = [
        as_seen(row, standing, mine.get(row.id, NOTHING))
        if standing is not None
        else SeenSurvey(row, frozenset({"M"}), mine.get(row.id, NOTHING))
        for row in rows
    ]
    return [SurveyListed(**_fields(work, one, is_member=bool(member_ids))) for one in seen]


def shown(work: Work, seen: SeenSurvey, locale: Locale) -> SurveyPublic:
    """A survey with its questions."""
    survey = seen.survey
    questions = [
        SurveyQuestionPublic(**question | {"title": title_of(survey.origin, question, locale)})
        for question in survey.questions
    ]
    en, zh = PRIVACY[survey.anonymity]
    fields = _fields(work, seen, is_member=seen.member_id is not None) | {"questions": questions}
    return SurveyPublic(**fields, privacy=zh if locale == "zh-CN" else en)


def results_shown(survey: Survey, locale: Locale) -> SurveyResultsPublic:
    """What a closed survey came to."""
    results = survey.results or {}
    by_code = {one["code"]: one for one in survey.questions}
    return SurveyResultsPublic(
        survey_id=survey.id,
        anonymity=survey.anonymity,
        asked=results["asked"],
        answered=results["answered"],
        questions=[_result(survey, by_code[one["code"]], one, locale) for one in results["questions"]],
    )


async def answers_shown(work: Work, rows: Sequence[SurveyAnswer]) -> list[SurveyAnswerPublic]:
    """Answers with who gave them."""
    members = await embedded(work.session, [row.member_id for row in rows])
    return [
        SurveyAnswerPublic(
            id=row.id,
            member=members[row.member_id],
            answers=[SurveyAnsweredPublic(**one) for one in row.given],
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def _result(survey: Survey, question: Mapping[str, Any], result: Mapping[str, Any], locale: Locale) -> SurveyResult:
    counts = result.get("choices", {})
    return SurveyResult(
        code=question["code"],
        title=title_of(survey.origin, question, locale),
        kind=question["kind"],
        n=result["n"],
        mean=result.get("mean"),
        choices=[SurveyChoiceCount(**one, count=counts.get(one["code"], 0)) for one in question["choices"]],
    )


def viewer_of(work: Work, seen: SeenSurvey) -> Viewer:
    """What the caller can do with a survey, by the same rules as the commands; what is done already is in neither."""
    answers = {action: seen.refusal(action, work) for action in ACTIONS if action != "answer" or not seen.mine.answered}
    return Viewer.of(answers)


def _fields(work: Work, seen: SeenSurvey, *, is_member: bool) -> dict[str, Any]:
    survey = seen.survey
    return survey.model_dump() | {
        "about": AboutPublic(kind=survey.about_kind, id=survey.about_id, month=survey.month),
        "status": seen.state(work),
        "mine": SurveyMine(asked=seen.mine.asked, answered=seen.mine.answered) if is_member else None,
        "viewer": viewer_of(work, seen),
    }
