"""The inbox as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.contributions import ObjectRef
from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Moment
from chassis.wrong import Wrong
from services.membership.notifications.rules import Category, Channel, Setting

CATEGORY = Closed("NotificationCategory", Category)
CHANNEL = Closed("NotificationChannel", Channel)
SETTING = Closed("NotificationSetting", Setting)
ChangeKind = Literal["told", "withdrawn", "read"]


class NotificationPublic(ResponseModel):
    """One line of your inbox: all that was told in a thread until you read it. `text` is in your language.

    `count` is how many people or things it speaks of, `actor` the last member who did it. `href`: where one reads what it is about, of
    several the first. `until`: until when you can act on it.
    """

    id: UUID
    community_id: UUID | None
    community: CommunityEmbed | None
    category: Annotated[str, CATEGORY]
    category_title: str
    critical: bool
    template: str
    thread: str
    text: str
    actor: MemberEmbed | None
    count: int
    object: ObjectRef | None
    href: str | None
    until: datetime | None
    created_at: datetime
    told_at: datetime
    read_at: datetime | None
    snoozed_until: datetime | None


class NotificationCount(ResponseModel):
    """How many lines are unread in one category of one community; `community_id` is null for what belongs to none."""

    category: Annotated[str, CATEGORY]
    category_title: str
    community_id: UUID | None
    community: CommunityEmbed | None
    unread: int


class NotificationCounts(ResponseModel):
    """How many lines are unread, 10,000 at most; `exact` says whether that is all."""

    unread: int
    exact: bool
    items: list[NotificationCount]


class NotificationsHome(ResponseModel):
    """How many lines of the inbox are unread that belong to the community."""

    unread: int


class NotificationsRead(RequestModel):
    """What you have read: everything up to a line, that line included; or one thread; or all. Within a community if you name one."""

    upto: UUID | None = None
    thread: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    community_id: UUID | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.upto is not None and self.thread is not None:
            raise Wrong("exclusive", "Give upto or thread, not both.", "upto 与 thread 只能给出一个。")
        return self


class ReadAnswer(ResponseModel):
    """How many lines became read by it, and how many are unread now."""

    read: int
    unread: int


class SnoozeRequest(RequestModel):
    """Until when the line is out of your sight, 90 days at most."""

    until: Moment


class PreferencePublic(ResponseModel):
    """What you are told of one category, by channel. What is `critical` is always told at once."""

    category: Annotated[str, CATEGORY]
    title: str
    critical: bool
    inbox: Annotated[str, SETTING]
    mail: Annotated[str, SETTING]
    messenger: Annotated[str, SETTING]


class PreferencesPublic(ResponseModel):
    """What you are told, and where."""

    items: list[PreferencePublic]


class PreferenceChange(RequestModel):
    """What you want of one category on one channel. Null: what is usual. The inbox has no daily message."""

    category: Annotated[Category, CATEGORY]
    channel: Annotated[Channel, CHANNEL]
    setting: Annotated[Setting, SETTING] | None


class PreferencesPatch(RequestModel):
    """What you want differently; what is not named stays as it is."""

    items: Annotated[list[PreferenceChange], Field(min_length=1, max_length=100)]


class FeedItem(ResponseModel):
    """One change of one person's inbox; `unread` is how many lines they had not read then."""

    seq: str
    person_id: UUID
    kind: Annotated[str, Closed("NotificationChangeKind", ChangeKind)]
    notification_id: UUID | None
    unread: int
    at: datetime


class FeedAnswer(ResponseModel):
    """Changes behind `after`, in order. Go on with `next`. `reset`: what lies behind `after` is unknown, and `next` is where all ends now."""

    items: list[FeedItem]
    next: str
    reset: bool = False
