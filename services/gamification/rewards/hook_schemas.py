"""What webhooks say."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from services.gamification.rewards.redemption_schemas import STATUS
from services.gamification.rewards.schemas import Code

Result = Literal["fulfilled", "refused", "pending"]
RESULT = Closed("HookResultState", Result)


class HookResult(RequestModel):
    """What has become of a redemption: handed over, refused for good, or neither yet."""

    result: Annotated[Result, RESULT]
    code: Code | None = Field(default=None, description="Of a voucher that is handed over.")
    reason: Annotated[str, StringConstraints(max_length=400)] | None = Field(
        default=None, description="Why it is refused; its member reads it."
    )


class HookTaken(ResponseModel):
    """What the redemption is now."""

    status: Annotated[str, STATUS]
