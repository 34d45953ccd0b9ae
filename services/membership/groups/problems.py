"""The refusals of groups."""

from chassis.problems import FieldError, ProblemType
from services.membership.groups.rules import MOST_GROUPS

GROUP_FULL = ProblemType("group_full", 409, en="The group is full", zh="小组人数已满")
ALREADY_GROUPED = ProblemType(
    "already_grouped", 409, en="They are in another group of the same grouping", zh="已在同一次分组的其他小组中"
)
OTHER_COHORT = ProblemType("group_of_cohort", 409, en="The group is for another cohort", zh="该小组面向其他期次的成员")
TOO_MANY_GROUPS = ProblemType(
    "too_many_groups",
    409,
    en=f"A member belongs to at most {MOST_GROUPS} groups at a time",
    zh=f"一名成员最多同时加入 {MOST_GROUPS} 个小组",
)
BELOW_MEMBERS = FieldError(
    "/capacity", "below_members", "More members belong to the group already.", "小组现有成员已超过该人数。"
)
NOT_IN_GROUP = FieldError(
    "/leader_id", "not_in_group", "Only somebody who belongs to the group leads it.", "组长须为小组成员。"
)
NO_MEMBER_NAMED = FieldError(
    "#/query/member_id", "missing", "A service account names the member.", "服务账号须指明成员。"
)
NO_COMMUNITY = FieldError(
    "#/query/community_id", "missing", "Give community_id, or mine=true.", "请给出 community_id，或 mine=true。"
)
GROUPS_STAND = ProblemType(
    "groups_stand",
    409,
    en="There are groups of an earlier grouping; dissolve them, or put only late ones into them",
    zh="已有先前分组形成的小组；请先解散，或仅将后加入者编入现有小组",
)
NO_GROUPS = ProblemType(
    "no_groups",
    409,
    en="There are no balanced groups that late ones could join",
    zh="尚无可供后加入者编入的均衡分组小组",
)
