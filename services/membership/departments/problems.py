"""Refusals of this feature."""

from chassis.problems import ProblemType

UNKNOWN_DEPARTMENT = ProblemType("unknown_department", 422, en="No such department exists", zh="部门不存在")
DEPARTMENT_CYCLE = ProblemType(
    "department_cycle", 409, en="A department cannot be below itself", zh="部门不能隶属于自身或其下级"
)
