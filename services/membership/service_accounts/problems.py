"""Refusals of this feature."""

from chassis.problems import ProblemType

INVITATION_REFUSED = ProblemType(
    "invitation_refused", 401, en="The invitation is not valid, or no longer", zh="邀请无效或已失效"
)
