"""Who reads what of a survey, and when."""

from uuid import UUID

from chassis.problems import FORBIDDEN
from chassis.web.work import Work
from services.events.surveys import problems
from services.events.surveys.access import SeenSurvey, seen_survey


async def results(work: Work, key: UUID) -> SeenSurvey:
    """A closed survey whose results the caller may read. Raises `FORBIDDEN`, and `NOT_CLOSED` for anybody before it has closed."""
    seen = await seen_survey(work, key)
    if not seen.reads_results:
        raise FORBIDDEN()
    return _closed(seen)


async def texts(work: Work, key: UUID) -> SeenSurvey:
    """A closed survey whose free texts the caller may read. Raises the same."""
    seen = await seen_survey(work, key)
    if not seen.reads_texts:
        raise FORBIDDEN()
    return _closed(seen)


async def named_answers(work: Work, key: UUID) -> SeenSurvey:
    """A survey whose answers have names. Raises `ANSWERS_UNNAMED` for another."""
    seen = await seen_survey(work, key)
    if not seen.runs_all:
        raise FORBIDDEN()
    if seen.survey.anonymity != "named":
        raise problems.ANSWERS_UNNAMED()
    return seen


def _closed(seen: SeenSurvey) -> SeenSurvey:
    if seen.survey.status != "closed":
        raise problems.NOT_CLOSED()
    return seen
