"""Refusals of replies."""

from chassis.problems import FieldError, ProblemType
from services.content.discussions.rules import THREAD_CLOSED as CLOSED

THREAD_CLOSED = ProblemType(CLOSED, 409, en="The discussion takes no more replies", zh="该讨论不再接受回复")
TEXT_REPEATED = ProblemType(
    "text_repeated", 409, en="You have just written the same here", zh="刚刚已在此发表过相同内容"
)
UNKNOWN_PARENT = ProblemType("unknown_parent", 422, en="It is no answer in this discussion", zh="不是该讨论中的回答")
NO_ANSWER_BELOW = FieldError(
    "/parent_reply_id", "comments_only", "Only comments stand below an answer.", "回答之下只能发表评论。"
)
NOT_BELOW_THIS = FieldError(
    "/parent_reply_id", "unknown_parent", "It is no answer in this discussion.", "不是该讨论中的回答。"
)
