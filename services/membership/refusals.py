"""The problems that this service's features share."""

from chassis.problems import ProblemType

LAST_OWNER = ProblemType(
    "last_owner", 409, en="A community must keep at least one owner", zh="社群必须至少保留一名负责人"
)
ALREADY_A_MEMBER = ProblemType("already_a_member", 409, en="The person is already a member", zh="该人员已是社群成员")
EXPELLED = ProblemType("expelled", 409, en="The person was expelled from the community", zh="该人员已被社群除名")
UNKNOWN_PERSON = ProblemType("unknown_person", 422, en="No such person exists", zh="人员不存在")
UNKNOWN_COHORT = ProblemType("unknown_cohort", 422, en="The community has no such cohort", zh="该社群没有该期次")
UNKNOWN_MEMBER = ProblemType("unknown_member", 422, en="The community has no such member", zh="该社群没有该成员")
SUPERSEDED = ProblemType("superseded", 409, en="A newer version has taken its place", zh="已有更新的版本")
