"""What becomes of a post when something is heard of its thing; how it reads. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from chassis.days import zone_of

Kind = Literal["announcements", "activities", "community"]
"""What a channel may be told of."""
News = Literal["started", "announced", "moved", "cancelled", "opened", "archived", "test"]

KEPT: Final = timedelta(days=7)
"""How long what waits is worth telling."""
GIVEN_UP: Final = timedelta(days=5)
"""How long nothing may be taken before a channel is off."""
_WAITS: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says of a thing; `news` where it is something to tell."""

    version: int
    at: datetime
    news: News | None = None
    title: str | None = None
    starts_at: datetime | None = None
    time_zone: str | None = None
    gone: bool = False
    says_state: bool = True
    """Whether title and time stand in it, or only that it is gone or back."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is known of a thing so far."""

    state_version: int = 0
    gone_version: int = 0
    title: str | None = None
    starts_at: datetime | None = None
    time_zone: str | None = None
    gone: bool = False
    news: News | None = None
    news_version: int = 0
    news_at: datetime | None = None
    told_version: int = 0
    waits_since: datetime | None = None


def after(post: Post, heard: Heard) -> Post:
    """The post after one message more: of state, news and being gone the latest counts, in whatever order they come."""
    if heard.says_state and heard.version > post.state_version:
        post = replace(
            post,
            state_version=heard.version,
            title=heard.title,
            starts_at=heard.starts_at,
            time_zone=heard.time_zone,
        )
    if heard.version > post.gone_version:
        post = replace(post, gone_version=heard.version, gone=heard.gone)
    if heard.news is not None and heard.version > post.news_version:
        post = replace(post, news=heard.news, news_version=heard.version, news_at=heard.at)
    waits = not post.gone and post.news_version > post.told_version
    return replace(post, waits_since=post.news_at if waits else None)


def wait_after(failures: int) -> timedelta:
    """How long a channel that failed so many times in a row is left alone."""
    return _WAITS[min(failures, len(_WAITS)) - 1]


def is_given_up(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a channel has taken nothing for so long that somebody has to see to it."""
    return failing_since is not None and now - failing_since >= GIVEN_UP


_TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "started": "【{community}】公告：{title}",
        "announced": "【{community}】活动：{title}\n时间：{starts}",
        "moved": "【{community}】活动改期：{title}\n新时间：{starts}",
        "cancelled": "【{community}】活动取消：{title}\n原定时间：{starts}",
        "opened": "【{community}】社群已开放。",
        "archived": "【{community}】社群已归档，此后不再推送。",
        "test": "【{community}】测试消息：“{channel}”已接通。",
        "announced.private": "【{community}】有新活动，时间：{starts}",
        "moved.private": "【{community}】有活动改期，新时间：{starts}",
        "cancelled.private": "【{community}】有活动取消，原定时间：{starts}",
    },
    "en": {
        "started": "[{community}] Announcement: {title}",
        "announced": "[{community}] Activity: {title}\nTime: {starts}",
        "moved": "[{community}] Activity moved: {title}\nNew time: {starts}",
        "cancelled": "[{community}] Activity cancelled: {title}\nIt was to be at: {starts}",
        "opened": "[{community}] The community is open.",
        "archived": "[{community}] The community is archived. This is its last message here.",
        "test": "[{community}] Test message: “{channel}” is connected.",
        "announced.private": "[{community}] There is a new activity, at: {starts}",
        "moved.private": "[{community}] An activity was moved, its new time: {starts}",
        "cancelled.private": "[{community}] An activity was cancelled. It was to be at: {starts}",
    },
}


def text_of(post: Post, *, locale: str, community: str, channel: str, private: bool, link: str | None) -> str:
    """How a post reads; of a private community without the title of anything, and without a link."""
    words = _TEXTS[locale]
    news = post.news or "test"
    form = words.get(f"{news}.private", words[news]) if private else words[news]
    starts = "" if post.starts_at is None else _shown(post.starts_at, post.time_zone or "UTC", locale)
    text = form.format(community=community, title=post.title or "", starts=starts, channel=channel)
    return text if link is None or private else f"{text}\n{link}"


def _shown(moment: datetime, zone: str, locale: str) -> str:
    at = moment.astimezone(zone_of(zone))
    if locale == "zh-CN":
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at:%Y-%m-%d %H:%M} ({zone})"
