"""What a decision lacks."""

from chassis.problems import FieldError, ProblemType

TEXT_CHANGED = ProblemType(
    "text_changed", 409, en="Its author has changed the text since you read it", zh="作者在您阅读后已修改内容"
)

REASON_MISSING = FieldError("/reason", "missing", "Say why, for its author.", "请向作者说明原因。")
NOT_IN_IT = FieldError("/edit", "not_in_it", "This text does not have all these fields.", "该内容没有其中的某些字段。")
ONLY_HELD = FieldError(
    "/edit", "only_held", "Its authors revise an article that is published.", "已发布的文章由其作者修订。"
)
ONLY_RELEASED = FieldError(
    "/edit", "only_released", "A text is edited when it is released.", "仅在放行时可以修改内容。"
)
