"""Refusals of meetings and action items."""

from chassis.problems import FieldError

NO_OWNER = FieldError("/owner_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
