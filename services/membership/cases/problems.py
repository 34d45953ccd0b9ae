"""Refusals of this feature."""

from chassis.problems import ProblemType

ALREADY_REPORTED = ProblemType(
    "already_reported",
    409,
    en="You have reported this already; your report stands as it is until somebody decides, and nothing was added to it",
    zh="您已举报过此事；处理结束前以原举报为准，此次内容未被记录",
)
CLAIMED_BY_ANOTHER = ProblemType(
    "claimed_by_another", 409, en="Whoever claimed the case decides about it", zh="案件由认领人处理"
)
CASE_DECIDED = ProblemType(
    "case_decided",
    409,
    en="Somebody has decided about this already; only somebody else with new evidence opens it again",
    zh="该事项已有结论，须由其他人提供新证据方可重新受理",
)
DEED_TOO_OLD = ProblemType("deed_too_old", 409, en="It happened more than 180 days ago", zh="该行为发生已超过 180 天")
UNKNOWN_RULE = ProblemType(
    "unknown_rule", 422, en="The rules in force then have no such rule", zh="行为发生时的规则中没有该条款"
)
REPORTS_USED_UP = ProblemType(
    "reports_used_up",
    429,
    en="You have made 20 reports within 24 hours",
    zh="24 小时内举报已达 20 次",
    retry_after=3600,
)
