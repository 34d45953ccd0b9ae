"""Refusals of ideas."""

from chassis.problems import FieldError

NO_MEMBER = FieldError("/sponsor_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
OUTCOME_MISSING = FieldError("/outcome_text", "missing", "Say why, for its author.", "请向作者说明原因。")
UNKNOWN_IDEA = FieldError("/into_id", "unknown_idea", "The community has no such idea.", "该社群没有这个创意。")
SAME_IDEA = FieldError("/into_id", "same_idea", "It ends in the idea itself.", "合并目标最终就是该创意本身。")
