"""Refusals of drafts."""

from chassis.problems import FieldError

TOO_LARGE = FieldError("/form", "too_large", "It has more than 64 KiB as JSON.", "草稿内容超过 64 KiB。")
