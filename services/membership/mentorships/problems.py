"""The refusals of mentorships."""

from typing import Final

from chassis.problems import FieldError, ProblemType
from services.membership.mentorships.rules import MOST_NOTES, PROPOSALS_AT_MOST

NOT_A_MENTOR = ProblemType(
    "not_a_mentor", 409, en="The mentor does not have the role of mentor", zh="担任导师的成员没有导师角色"
)
MENTOR_FULL = ProblemType("mentor_full", 409, en="The mentor takes nobody more now", zh="该导师目前没有空余名额")
MENTEE_HAS_MENTOR = ProblemType("mentee_has_mentor", 409, en="The mentee has a mentor already", zh="该成员目前已有导师")
DECLINED_LATELY = ProblemType(
    "declined_lately",
    409,
    en="A proposal that was declined may come again after 30 days",
    zh="提议被婉拒后，须满 30 天才能再次提出",
)
TOO_MANY_PROPOSALS = ProblemType(
    "too_many_proposals",
    409,
    en=f"You have made {PROPOSALS_AT_MOST} proposals in the last 7 days",
    zh=f"最近 7 天内你已提出 {PROPOSALS_AT_MOST} 次提议",
)
OWN_PROPOSAL = ProblemType(
    "own_proposal", 403, en="A proposal is answered by whom it was made to", zh="提议须由对方答复"
)
NOT_OWN_PROPOSAL = ProblemType(
    "not_own_proposal", 403, en="A proposal is withdrawn by who made it", zh="提议只能由提出者撤回"
)
TOO_SOON_TO_COMPLETE = ProblemType(
    "too_soon_to_complete",
    409,
    en="A mentorship is completed after four weeks at the earliest",
    zh="师徒结对至少满四周才能结业",
)
FEEDBACK_OVER = ProblemType("feedback_over", 409, en="The time for feedback is over", zh="反馈时间已结束")
NOTES_FULL = ProblemType(
    "notes_full",
    409,
    en=f"A mentorship has {MOST_NOTES} notes at most",
    zh=f"每段师徒结对最多 {MOST_NOTES} 条记录",
)

YOURSELF: Final = "yourself"


def yourself(field: str) -> FieldError:
    """Nobody is their own mentor."""
    return FieldError(f"/{field}", YOURSELF, "Nobody is their own mentor.", "不能与自己结对。")
