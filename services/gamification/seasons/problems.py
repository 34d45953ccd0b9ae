"""Refusals of seasons."""

from chassis.problems import FieldError, ProblemType

SEASON_STARTED = ProblemType("season_started", 409, en="The season has begun", zh="赛季已开始")
SEASON_CLOSED = ProblemType("season_closed", 409, en="The season is over", zh="赛季已结束")
SEASONS_OVERLAP = ProblemType(
    "seasons_overlap", 409, en="Another season has some of these days", zh="与其他赛季的日期重叠"
)
NOT_AHEAD = FieldError("/starts_on", "not_ahead", "A season begins tomorrow or later.", "赛季最早从明天开始。")
