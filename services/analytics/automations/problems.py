"""Refusals of automations."""

from chassis.problems import FieldError, ProblemType
from services.analytics.automations.rules import MOST_ALIKE

NOT_TRIED = ProblemType(
    "not_tried", 409, en="See first by a dry run whom it would have concerned", zh="请先试运行，查看会涉及哪些成员"
)
TOO_MANY = ProblemType(
    "too_many_automations",
    409,
    en="The community has as many automations as it may have",
    zh="该社群的自动化数量已达上限",
)
NO_CODE = FieldError(
    "/trigger/code", "unknown_rule", "There is no rule of insights of this name.", "没有该名称的洞察规则。"
)
NO_TYPE = FieldError(
    "/trigger/type",
    "unknown_event_type",
    "No message of this type says what a member did.",
    "没有该类型的消息，或其不涉及成员行为。",
)
NO_DAYS = FieldError("/trigger/days", "missing", "Say after how many days.", "请说明天数。")
NOTHING_DONE = FieldError(
    "/tell", "missing", "It tells somebody, raises an insight, or both.", "须通知相关人员或生成洞察，至少选择一项。"
)
NO_SEVERITY = FieldError(
    "/min_severity", "no_severity", "Only insights have a severity.", "只有洞察类触发条件有严重程度。"
)
NO_COHORT = FieldError(
    "/cohort_id", "unknown_cohort", "Nobody in this community is in it.", "该社群没有属于此期次的成员。"
)
NO_CHANNEL = FieldError(
    "/channel",
    "unknown_channel",
    "No campaign of this community that opened has it, and nobody came through it.",
    "该社群已开放的招募没有此渠道，也没有成员由此渠道加入。",
)
ALIKE = FieldError(
    "/trigger/type",
    "too_many_alike",
    f"At most {MOST_ALIKE} automations of the same event are about the same cohort and channel.",
    f"同一事件针对同一期次与渠道的自动化最多 {MOST_ALIKE} 个。",
)


def no_member(field: str) -> FieldError:
    """What would have to be about somebody."""
    return FieldError(
        f"/{field}", "no_member", "What it listens to is about no single member.", "该触发条件不涉及单个成员。"
    )


def not_of(kind: str, field: str) -> FieldError:
    """A field that a trigger of this kind does not have."""
    return FieldError(
        f"/trigger/{field}",
        "not_of_this_trigger",
        f"A trigger of kind {kind} has no {field}.",
        f"{kind} 类触发条件没有 {field}。",
    )
