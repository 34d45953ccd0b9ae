"""Which messages an endpoint may ask for: those of the open topics that say nothing of what only some members read."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

import contracts.analytics
import contracts.belonging
import contracts.conduct
import contracts.content
import contracts.events
import contracts.gamification
import contracts.ideas
import contracts.membership
import contracts.recruitment  # noqa: F401 - each module declares its messages
from chassis.messaging.envelope import is_ours, is_restricted
from chassis.messaging.handlers import is_snapshot
from chassis.web.named import Closed
from chassis.wrong import Wrong
from contracts.base import IntegrationEvent, event_types

PLATFORM_ABOUT: Final = frozenset({"person", "department", "community"})
"""What administrators may be told of."""
_LEFT_OUT: Final = frozenset({"attachment", "perks", "learning", "meeting", "action_item", "group"})
"""What is told for the services' own sake, of one person alone, or of what those alone read who were invited."""
_NOT_TOLD: Final = frozenset(
    {
        # Drafts, which their authors and reviewers alone read.
        "qunxue.content.article.submitted.v1",
        "qunxue.content.article.returned.v1",
        # It has a title, and does not say who may read it.
        "qunxue.content.question.overdue.v1",
        # By name that somebody answered.
        "qunxue.events.survey.answered.v1",
    }
)


def _may_be_told(one: type[IntegrationEvent]) -> bool:
    if not is_ours(one.TOPIC) or is_restricted(one.TOPIC) or is_snapshot(one) or one.UNNAMED:
        return False
    return one.AGGREGATE not in _LEFT_OUT and one.TYPE not in _NOT_TOLD


def _of_community(one: type[IntegrationEvent]) -> bool:
    return "community_id" in one.model_fields


TOLD: Final = tuple(
    one
    for _, one in sorted(event_types().items())
    if _may_be_told(one) and (_of_community(one) or one.AGGREGATE in PLATFORM_ABOUT)
)
"""The messages that endpoints are told."""
TYPES: Final = tuple(one.TYPE for one in TOLD)
COMMUNITY_TYPES: Final = frozenset(one.TYPE for one in TOLD if _of_community(one))
"""Those that an owner may ask for, of their own community."""
PLATFORM_TYPES: Final = frozenset(one.TYPE for one in TOLD if one.AGGREGATE in PLATFORM_ABOUT)
"""Those that an administrator may ask for."""


def _known(value: str) -> str:
    if value not in _ALL:
        raise Wrong(
            "unknown_type",
            "No endpoint is told messages of this type: WebhookType in the API document lists those that are told.",
            "该类型的消息不会推送，可选类型见接口文档中的 WebhookType。",
        )
    return value


def _different(values: list[str]) -> list[str]:
    return sorted(set(values))


_ALL = frozenset(TYPES)
MessageType = Annotated[str, Field(max_length=100), AfterValidator(_known), Closed("WebhookType", TYPES)]
MessageTypes: Any = Annotated[list[MessageType], Field(min_length=1, max_length=len(TYPES)), AfterValidator(_different)]
