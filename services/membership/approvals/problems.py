"""What only absences refuse."""

from chassis.problems import ProblemType

MANAGES_NOTHING = ProblemType(
    "manages_nothing",
    409,
    en="Whoever manages a department says who stands in for them",
    zh="只有部门负责人可以指定代理人",
)
UNKNOWN_DEPUTY = ProblemType("unknown_deputy", 422, en="There is no such colleague", zh="没有这位同事")
