"""Who does something in a community."""

from services.analytics.metrics.catalogue.counting import members_who, share_who
from services.analytics.metrics.frame import PEOPLE, Metric, Said

_CAME_EN = "Who attended or spoke counts on the day on which the activity began, however late that was recorded."
_CAME_ZH = "参加与分享计入活动开始之日，无论何时登记。"
_ACTIVE_EN = (
    "Active is who did something: wrote, reacted, rated, voted, registered, attended, spoke, checked in, answered a survey, "
    "submitted an article, accepted an answer or completed an action item. Reading alone does not count, "
    "nor does what was removed or taken back, or a discussion that was merged into another; whoever accepted an answer did, though it is removed. "
    f"{_CAME_EN}"
)
_ACTIVE_ZH = (
    "活跃指有过主动行为：发帖、回复、评论、表态、评分、投票、报名、参加活动、分享、打卡、填写问卷、投稿、采纳答案、完成行动项；仅阅读不计入，已移除、已撤回的和并入其他讨论的也不计入；采纳过的答案即使被移除，采纳仍计入。"
    f"{_CAME_ZH}"
)

METRICS = [
    Metric(
        code="active_members",
        version=1,
        unit="members",
        kind="distinct",
        title=Said("Active members", "活跃成员数"),
        definition=Said(
            f"Different members who were active in the period, by the calendar: those of a month are fewer than its days' together. {_ACTIVE_EN}",
            f"按日历周期统计的不重复活跃成员数：一个月的人数少于各日之和。{_ACTIVE_ZH}",
        ),
        compute=members_who("deeds"),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="activity_rate",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Activity rate", "活跃率"),
        definition=Said(
            f"Active members of the period, of all who were members on at least one day of it (`n`). {_ACTIVE_EN}",
            f"周期内活跃成员数 ÷ 周期内至少有一天是成员的人数（`n`）。{_ACTIVE_ZH}",
        ),
        compute=share_who("deeds"),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="readers",
        version=1,
        unit="members",
        kind="distinct",
        title=Said("Readers", "读者数"),
        definition=Said(
            "Different members who read an article, a discussion or an announcement in the period, whatever else they did.",
            "周期内阅读过文章、讨论或公告的不重复成员数，不论是否有其他行为。",
        ),
        compute=members_who("reads"),
        groups=PEOPLE,
        kept=True,
    ),
    Metric(
        code="participation",
        version=1,
        unit="share",
        kind="ratio",
        title=Said("Participation", "参与率"),
        definition=Said(
            "Members with at least one attendance, check-in or post in the period, of all who were members on at least one day of it (`n`). "
            "A post is a discussion, reply, comment, article or idea, neither removed nor, of discussions, merged into another; who speaks attends. "
            f"{_CAME_EN}",
            "周期内至少参加过一次活动、打过一次卡或发布过一次内容的成员数 ÷ 周期内至少有一天是成员的人数（`n`）。"
            "内容指讨论、回复、评论、文章或想法，已移除的和并入其他讨论的不计；分享人视为参加。"
            f"{_CAME_ZH}",
        ),
        compute=share_who("taking_part"),
        groups=PEOPLE,
        kept=True,
    ),
]
