"""What only scorecards refuse."""

from chassis.problems import ProblemType

SCORECARDS_LOCKED = ProblemType(
    "scorecards_locked", 409, en="The scorecards of this application are locked", zh="此申请的评分表已锁定"
)
INTERVIEW_NOT_HELD = ProblemType(
    "interview_not_held", 409, en="Write a scorecard when the interview has begun", zh="面谈开始后才能填写评分表"
)
