"""What only communities refuse."""

from chassis.problems import ProblemType

SLUG_TAKEN = ProblemType("slug_taken", 409, en="Another community uses or used this slug", zh="该短名已被其他社群使用")
COMMUNITY_INCOMPLETE = ProblemType(
    "community_incomplete", 409, en="The community is not complete enough to open", zh="社群信息不完整，尚不能开放"
)
