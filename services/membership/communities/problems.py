"""What only communities refuse."""

from chassis.problems import ProblemType

SLUG_TAKEN = ProblemType("slug_taken", 409, en="Another community has or had this slug", zh="该短名已被其他社群使用")
COMMUNITY_INCOMPLETE = ProblemType(
    "community_incomplete", 409, en="Something is missing before the community can open", zh="社群开放条件尚不完整"
)
