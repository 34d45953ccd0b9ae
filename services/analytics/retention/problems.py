"""Refusals of questions about retention."""

from chassis.problems import FieldError

BACKWARDS = FieldError("#/query/to", "before_from", "It must not be before `from`.", "不得早于 from。")


def too_many_cohorts(count: int, most: int) -> FieldError:
    """More cohorts than are answered at once."""
    return FieldError(
        "#/query/to",
        "too_many_cohorts",
        f"These are {count} cohorts; at most {most} are answered at once.",
        f"共 {count} 个批次，一次最多返回 {most} 个。",
    )
