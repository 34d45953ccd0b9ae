"""Refusals of assignments."""

from chassis.problems import FieldError

NO_MEMBER = FieldError("/member_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
ASKED_IT = FieldError("/member_id", "asked_it", "They asked it themselves.", "这是其本人提出的问题。")
