"""What a decision lacks."""

from chassis.problems import FieldError

REASON_MISSING = FieldError("/reason", "missing", "Say why, for its author.", "请向作者说明原因。")
BODY_ALONE = FieldError("/edit", "body_alone", "This text has a body alone.", "该内容仅有正文可修改。")
ONLY_RELEASED = FieldError(
    "/edit", "only_released", "A text is edited when it is released.", "仅在放行时可以修改内容。"
)
