"""Refusals of questions to metrics."""

from collections.abc import Iterable

from chassis.problems import FieldError, ProblemType

UNKNOWN_METRIC = ProblemType("unknown_metric", 404, en="There is no metric of this code", zh="没有该编码的指标")

COMPUTED_METRIC = ProblemType(
    "computed_metric", 409, en="This metric is computed; nobody reports it", zh="该指标由系统计算，不能填报"
)
TOO_MANY_METRICS = ProblemType(
    "too_many_metrics",
    409,
    en="The community has as many metrics of its own as it can",
    zh="该社群的自定义指标已达上限",
)
RESERVED_CODE = FieldError("/code", "reserved_code", "This code is taken by the product.", "该编码为系统保留。")
IN_THE_FUTURE = FieldError("/at", "in_the_future", "It is in the future.", "时间晚于现在。")

BACKWARDS = FieldError("#/query/to", "before_from", "It must not be before `from`.", "不得早于 from。")
NO_WORKING_TIME = FieldError(
    "#/query/working", "no_working_time", "This metric has no working time.", "该指标不按工作时间计算。"
)
NOBODY_COUNTED = FieldError(
    "#/query/staff",
    "nobody_counted",
    "What is reported counts no members, with staff or without.",
    "填报指标不统计成员，不区分是否含运营人员。",
)
STAFF_APART = FieldError(
    "#/query/staff",
    "staff_apart",
    "What people answered is not shown with staff and without: the difference would be theirs alone.",
    "问卷类结果不区分是否含运营人员，否则二者之差即可推知其个人回答。",
)


def too_many_periods(count: int, most: int) -> FieldError:
    """More periods than are read at once."""
    return FieldError(
        "#/query/to",
        "too_many_periods",
        f"These are {count} periods; at most {most} are answered at once.",
        f"共 {count} 个周期，一次最多返回 {most} 个。",
    )


def too_long(days: int, most: int) -> FieldError:
    """A range without a grain that is longer than what is counted at once."""
    return FieldError(
        "#/query/to",
        "too_long",
        f"These are {days} days; without a grain at most {most} are counted together.",
        f"共 {days} 天，不指定 grain 时一次最多统计 {most} 天。",
    )


def too_long_of(code: str, days: int, most: int) -> FieldError:
    """More days than are read at once of a metric that is made of single things."""
    return FieldError(
        "#/query/to",
        "too_long",
        f"These are {days} days; of {code} at most {most} are read at once.",
        f"共 {days} 天，{code} 一次最多读取 {most} 天。",
    )


def too_many_values(count: int, most: int) -> FieldError:
    """More values, of periods, breakdown values and parts together, than one answer has."""
    return FieldError(
        "#/query/to",
        "too_many_values",
        f"These are {count} values; at most {most} are answered at once. Ask for fewer days or longer periods.",
        f"共 {count} 个数值，一次最多返回 {most} 个。请缩短时间范围或改用更长的周期。",
    )


def no_such_group(group: str, groups: Iterable[str]) -> FieldError:
    """What the metric is not broken down by."""
    listed = ", ".join(groups)
    return FieldError(
        "#/query/group_by",
        "no_such_group",
        f"It is not broken down by {group}, only by: {listed}." if listed else f"It is not broken down by {group}.",
        f"该指标不支持按 {group} 细分，仅支持：{listed}。" if listed else f"该指标不支持按 {group} 细分。",
    )


def no_such_grain(grain: str, grains: Iterable[str]) -> FieldError:
    """A grain that the metric does not have."""
    listed = ", ".join(grains)
    return FieldError(
        "#/query/grain",
        "no_such_grain",
        f"It has no values by {grain}, only by: {listed}.",
        f"该指标没有按 {grain} 的数值，仅有：{listed}。",
    )


def grain_needed(code: str, grains: Iterable[str]) -> FieldError:
    """Days that are no whole period, of a metric that is answered for whole ones alone."""
    listed = ", ".join(grains)
    return FieldError(
        "#/query/grain",
        "grain_needed",
        f"{code} is answered for whole periods alone. Name a grain ({listed}), or the first and last day of such a period.",
        f"{code} 仅按完整周期给出。请指定 grain（{listed}），或以某个完整周期的首日和末日为起止。",
    )


def whole_periods_alone(code: str, grains: Iterable[str]) -> FieldError:
    """A metric among others, of days that are none of the whole periods for which it is answered."""
    listed = ", ".join(grains)
    return FieldError(
        "#/query/codes",
        "whole_periods_alone",
        f"{code} is answered for whole periods alone ({listed}). Name the first and last day of one, or leave it out.",
        f"{code} 仅按完整周期给出（{listed}）。请以某个完整周期的首日和末日为起止，或不查询该指标。",
    )


def unknown_code(code: str) -> FieldError:
    """A code in a list of codes of which there is no metric."""
    return FieldError(
        "#/query/codes", "unknown_metric", f"There is no metric of this code: {code}", f"没有该编码的指标：{code}"
    )


def too_many_codes(count: int, most: int) -> FieldError:
    """More metrics than a dashboard has."""
    return FieldError(
        "#/query/codes",
        "too_many_codes",
        f"These are {count} metrics; at most {most} are answered at once.",
        f"共 {count} 个指标，一次最多返回 {most} 个。",
    )
