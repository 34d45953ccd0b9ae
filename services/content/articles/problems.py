"""Refusals of articles."""

from chassis.problems import FieldError, ProblemType

UNKNOWN_MEMBER = ProblemType("unknown_member", 422, en="The community has no such member", zh="该社群没有该成员")
NO_ACCEPTED_ANSWER = ProblemType(
    "no_accepted_answer", 409, en="The question has no accepted answer", zh="该提问还没有被采纳的回答"
)
OF_ANOTHER_GROUP = FieldError(
    "/group_id",
    "of_another_group",
    "What was asked in a group is drafted in that group.",
    "小组内的提问只能在该小组内起草。",
)
OF_ANOTHER = FieldError("/from_discussion_id", "other_community", "It is in another community.", "该讨论属于其他社群。")
ITS_OWN_COMMUNITY = FieldError("/community_id", "own_community", "It stands there already.", "文章已在该社群中。")
NOT_OWNER = FieldError("/owner_id", "unknown_member", "The community has no such member.", "该社群没有该成员。")
NOT_AMONG_AUTHORS = FieldError("/author_ids", "own_missing", "You must be one of them.", "作者中须包含本人。")


def no_member(place: int) -> FieldError:
    """An author who is no member of the community."""
    return FieldError(
        f"/author_ids/{place}", "unknown_member", "The community has no such member.", "该社群没有该成员。"
    )
