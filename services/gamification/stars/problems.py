"""Refusals of the star of the month."""

from collections.abc import Mapping
from typing import Final

from chassis.problems import FieldError, Problem, ProblemType
from services.gamification.stars.rules import Phase

NOT_NOW = ProblemType(
    "star_not_now", 409, en="The star of this month is not at that point", zh="该月度之星当前阶段不能执行此操作"
)
_STANDS: Final[Mapping[Phase, tuple[str, str]]] = {
    "naming": ("Members are still named.", "目前仍在提名。"),
    "voting": ("Members still vote.", "目前仍在投票。"),
    "counted": ("The days of voting are over: an owner is to confirm it.", "投票已结束，待负责人确认。"),
    "confirmed": ("It has been confirmed who it is.", "人选已确认。"),
    "none": ("The month has no star.", "该月没有月度之星。"),
}
NAMED_BEFORE = ProblemType("star_named_before", 409, en="You have named somebody this month", zh="你本月已提名")
VOTED_BEFORE = ProblemType("star_voted_before", 409, en="You have voted for this month", zh="你已为该月投票")
NOT_FIRST = ProblemType("star_not_first", 409, en="This member does not have most votes", zh="该成员不是得票最多的成员")
WON_BEFORE = ProblemType(
    "star_won_before", 409, en="This member was the star of another month of the quarter", zh="该成员本季度已当选过"
)
YOURSELF = FieldError("/member_id", "yourself", "Nobody names or votes for themselves.", "不能提名自己或投给自己。")
NOT_ELIGIBLE = FieldError(
    "/member_id",
    "not_eligible",
    "Only members can be it who did not run the community in the month and were not the star in its quarter.",
    "仅限当月未担任运营或负责人、且本季度未当选过的成员。",
)
NOT_NAMED = FieldError("/member_id", "not_named", "Nobody named this member.", "该成员未被提名。")


def not_now(phase: Phase) -> Problem:
    """That the star is at another point, and at which."""
    en, zh = _STANDS[phase]
    return NOT_NOW(en, zh, state=phase)
