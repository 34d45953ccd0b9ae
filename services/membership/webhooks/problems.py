"""What is refused about webhooks."""

from collections.abc import Sequence

from chassis.problems import FieldError, ProblemType
from services.membership.webhooks.rules import MOST_IN_COMMUNITY, MOST_OF_PERSON

TOO_MANY_WEBHOOKS = ProblemType(
    "too_many_webhooks",
    409,
    en=f"A community has at most {MOST_IN_COMMUNITY} endpoints, and an administrator {MOST_OF_PERSON} of the platform",
    zh=f"每个社群最多 {MOST_IN_COMMUNITY} 个端点，每位管理员最多 {MOST_OF_PERSON} 个平台端点",
)
ADDRESS_REFUSED = FieldError(
    "/url",
    "address_refused",
    "Its name stands for no address of the Internet that may be called by https, and for none in a network that the operator allows.",
    "该域名未指向可经 https 访问的互联网地址，也不在运维允许的网段内。",
)


def not_for_caller(types: Sequence[str], asked: Sequence[str], at: str = "/types") -> list[FieldError]:
    """Types that owners are told, or administrators, and not the caller here."""
    return [
        FieldError(
            f"{at}/{asked.index(one)}",
            "not_for_you",
            "Owners are told of their community, administrators of people, departments and communities.",
            "负责人可接收本社群的消息，管理员可接收人员、部门与社群的消息。",
        )
        for one in types
    ]
