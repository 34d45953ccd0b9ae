"""What is wrong with the numbers of a goal, and what is kept of its metric."""

from collections.abc import Collection
from typing import Any

from chassis.problems import FieldError
from services.analytics.goals import problems
from services.analytics.goals.models import Goal
from services.analytics.goals.rules import WHOLE
from services.analytics.goals.schemas import GoalMetric
from services.analytics.metrics.parts import unit_of
from services.analytics.metrics.reading import Grain, Metric


def wrong_parts(goal: Goal, said: Collection[str]) -> list[FieldError]:
    """What is wrong with a goal that is measured by its parts, in percent."""
    wrong = []
    if not 0 < goal.target <= WHOLE:
        wrong.append(problems.PARTS_ADD_UP)
    if goal.direction != "up":
        wrong.append(problems.PARTS_GO_UP)
    if "baseline" in said and goal.baseline not in (None, 0):
        wrong.append(problems.PARTS_START_AT_NOTHING)
    return wrong


def wrong_metric(metric: Metric, asked: GoalMetric, target: float | None) -> list[FieldError]:
    """What is wrong with what a goal asks of a metric."""
    wrong = [] if target is not None else [problems.NO_TARGET]
    if asked.grain is not None and asked.grain not in metric.grains:
        wrong.append(problems.NO_SUCH_GRAIN)
    if asked.part is not None and asked.part not in metric.parts:
        wrong.append(problems.NO_SUCH_PART)
    part = asked.part or next(iter(metric.parts), None)
    if part in metric.lists:
        wrong.append(problems.A_LIST)
    if asked.working and not metric.working:
        wrong.append(problems.NO_WORKING_TIME)
    return wrong + _wrong_share(unit_of(metric, part), target)


def wrong_numbers(goal: Goal, said: Collection[str]) -> list[FieldError]:
    """What is wrong with a goal as it would be after a change."""
    if goal.metric_code is None:
        return wrong_parts(goal, said)
    return _wrong_share(goal.metric_unit, goal.target) if "target" in said else []


def metric_columns(metric: Metric, asked: GoalMetric) -> dict[str, Any]:
    """What a row keeps of a metric."""
    reported = metric.kind == "reported"
    grain = None if reported else asked.grain or _usual_grain(metric)
    part = asked.part or next(iter(metric.parts), None)
    return {
        "metric_code": metric.code,
        "metric_version": metric.version,
        "metric_unit": unit_of(metric, part),
        "grain": None if grain is None else grain.value,
        "counted": grain is None and not reported,
        "metric_part": part,
        "metric_working": asked.working,
    }


def _usual_grain(metric: Metric) -> Grain | None:
    """None for what adds up over the goal's time."""
    if metric.kind == "flow" and metric.ranges:
        return None
    return Grain.WEEK if Grain.WEEK in metric.grains else metric.grains[0]


def _wrong_share(unit: str | None, target: float | None) -> list[FieldError]:
    outside = unit == "share" and target is not None and not 0 <= target <= 1
    return [problems.NO_SHARE] if outside else []
