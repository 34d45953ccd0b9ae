"""Refusals of announcements."""

from chassis.problems import FieldError, ProblemType

ALREADY_REMINDED = ProblemType("already_reminded", 409, en="There was a reminder today", zh="今天已经提醒过")
NOT_THIS_KIND = FieldError("/announcement", "other_kind", "Only announcements have it.", "只有公告可以填写此项。")
NOT_ASKED = FieldError(
    "/announcement/confirm_by", "nothing_to_confirm", "Nobody is asked to confirm it.", "该公告无需确认。"
)
NOBODY_ASKED_AGAIN = FieldError(
    "/announcement/ask_again", "nothing_to_confirm", "Nobody is asked to confirm it.", "该公告无需确认。"
)
TOO_EARLY = FieldError("/announcement/confirm_by", "too_early", "It must be after it is published.", "须晚于发布时间。")
PUBLISHED = FieldError("/announcement/publish_at", "published", "It is published already.", "该公告已经发布。")


def past(pointer: str) -> FieldError:
    """What is wrong with a moment that is over."""
    return FieldError(pointer, "past", "It must be in the future.", "须为将来的时间。")


def unknown_group(place: int) -> FieldError:
    """What is wrong with a group that it is for; `place` counts from 0."""
    pointer = f"/announcement/audience/group_ids/{place}"
    return FieldError(pointer, "unknown_group", "The community has no such group.", "该社群没有该小组。")
