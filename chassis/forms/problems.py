"""Refusals of forms and of answers to them."""

from collections.abc import Iterable

from chassis.problems import FieldError, ProblemType

FORM_REFUSED = ProblemType(
    "form_refused", 422, en="The form is not a valid and safe JSON Schema", zh="表单不是有效且安全的 JSON Schema"
)
ANSWERS_INVALID = ProblemType("answers_invalid", 422, en="The answers do not fit the form", zh="答案不符合表单要求")


def below(pointer: str, errors: Iterable[FieldError]) -> list[FieldError]:
    """The errors of a form or of answers, as a request has them that carries those at `pointer`."""
    return [FieldError(f"{pointer}{error.pointer}", error.code, error.detail, error.zh) for error in errors]
