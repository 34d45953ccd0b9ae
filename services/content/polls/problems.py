"""Refusals of polls."""

from chassis.problems import FieldError, ProblemType

POLL_CLOSED = ProblemType("poll_closed", 409, en="The poll is closed", zh="投票已经结束")
MISSING = FieldError("/poll", "missing", "A poll needs choices.", "投票须有选项。")
NOT_THIS_KIND = FieldError("/poll", "other_kind", "Only polls have it.", "只有投票可以填写此项。")
IN_THE_PAST = FieldError("/poll/closes_at", "past", "It must be in the future.", "须为将来的时间。")
TWICE = FieldError("/poll/choices", "twice", "Two choices are the same.", "有两个选项相同。")
ONE_ONLY = FieldError("/choices", "one_only", "One choice only.", "只能选择一项。")
UNKNOWN_CHOICE = FieldError("/choices", "unknown_choice", "There is no such choice.", "没有该选项。")
