"""Refusals of lists and of texts."""

from chassis.problems import FieldError, ProblemType

TOO_MANY_WORDS = ProblemType(
    "too_many_words", 409, en="The community would have more than 100,000 words", zh="社群词条将超过 100000 条"
)
TEXT_REFUSED = ProblemType("text_refused", 422, en="The text cannot be published", zh="内容无法发布")


def refused_at(pointer: str) -> FieldError:
    """Where it is, and not by which rule: that would teach how to get around it."""
    return FieldError(
        pointer, "text_refused", "Something in it may not be published here.", "其中含有不允许在此发布的内容。"
    )
