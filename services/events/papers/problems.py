"""Refusals of papers."""

from chassis.problems import FieldError, ProblemType

PAPER_SHORT = ProblemType(
    "paper_short", 409, en="The banks have too few questions for this paper", zh="题库中的题目不足以组成此试卷"
)
PAPER_EMPTY = ProblemType("paper_empty", 409, en="The paper has no questions yet", zh="试卷中还没有题目")
PAPER_TOO_LARGE = ProblemType(
    "paper_too_large", 409, en="The questions of the paper are too long together", zh="试卷题目的内容过长"
)

TOO_MANY_QUESTIONS = FieldError(
    "/sections", "too_many_questions", "A paper has at most 500 questions.", "试卷最多 500 题。"
)
TOO_MANY_DRAWS = FieldError("/sections", "too_many_draws", "A paper has at most 50 draws.", "试卷最多 50 条抽题规则。")


def short(section: int, draw: int, wanted: int, found: int) -> FieldError:
    """A draw that its bank cannot serve."""
    return FieldError(
        f"/sections/{section}/draws/{draw}/count",
        "too_few_questions",
        f"{wanted} are wanted, {found} are found.",
        f"需要 {wanted} 题，仅有 {found} 题。",
    )


def unknown_bank(section: int, draw: int) -> FieldError:
    """A draw from a bank that is not there for the caller."""
    return FieldError(
        f"/sections/{section}/draws/{draw}/question_bank_id",
        "unknown_question_bank",
        "You have no such question bank in this community.",
        "您在本社群没有这个题库。",
    )


def unknown_question(section: int, place: int) -> FieldError:
    """A question that is not there for the caller, or put away."""
    return FieldError(
        f"/sections/{section}/questions/{place}/question_id",
        "unknown_question",
        "No question bank of yours in this community has this question, or it is archived.",
        "您在本社群的题库中没有这道题，或该题已归档。",
    )


def asked_twice(section: int, place: int) -> FieldError:
    """The same question again."""
    return FieldError(
        f"/sections/{section}/questions/{place}/question_id",
        "asked_twice",
        "The paper has this question before.",
        "试卷中已有此题。",
    )
