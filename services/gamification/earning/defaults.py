"""The rules every community has until it sets its own."""

from collections.abc import Iterable, Mapping

from services.gamification.earning.rules import Condition, GiverLimit, RuleVersion
from services.gamification.earning.triggers import TRIGGERS

DEFAULT_RULES: tuple[RuleVersion, ...] = (
    RuleVersion("joined", "member.joined", points=10, xp=0, once_per="member"),
    RuleVersion("checkin", "checkin.recorded", points=5, xp=5),
    RuleVersion("streak_week", "streak.completed_week", points=20, xp=20, once_per="target"),
    RuleVersion(
        "discussion",
        "discussion.started",
        points=5,
        xp=5,
        beneficiary="author",
        when=(Condition("kind", "in", ("topic", "question", "help_request")),),
        daily_cap=15,
    ),
    RuleVersion("reply", "reply.posted", points=2, xp=2, beneficiary="author", daily_cap=20),
    RuleVersion(
        "answer_accepted",
        "answer.accepted",
        points=15,
        xp=15,
        beneficiary="answerer",
        once_per="target",
        per_giver=GiverLimit(3, "week"),
    ),
    RuleVersion(
        "like_received",
        "reaction.added",
        points=1,
        xp=1,
        beneficiary="author",
        when=(Condition("reaction", "eq", "like"),),
        once_per="target",
        daily_cap=20,
        per_giver=GiverLimit(3, "day"),
    ),
    RuleVersion(
        "article",
        "article.published",
        points=30,
        xp=30,
        beneficiary="author",
        when=(Condition("kind", "not_in", ("case_study", "experience")),),
        once_per="target",
        shared=True,
    ),
    RuleVersion(
        "case_study",
        "article.published",
        points=40,
        xp=40,
        beneficiary="author",
        when=(Condition("kind", "eq", "case_study"),),
        once_per="target",
        shared=True,
    ),
    RuleVersion(
        "experience",
        "article.published",
        points=15,
        xp=15,
        beneficiary="author",
        when=(Condition("kind", "eq", "experience"),),
        once_per="target",
        # One a day: the cap is the price of one.
        daily_cap=15,
        shared=True,
    ),
    RuleVersion("featured", "content.featured", points=20, xp=20, beneficiary="author", once_per="target"),
    RuleVersion(
        "activity_attended",
        "attendance.recorded",
        points=10,
        xp=10,
        when=(Condition("role", "eq", "attendee"), Condition("extent", "eq", "full")),
        once_per="target",
    ),
    RuleVersion(
        "activity_partly",
        "attendance.recorded",
        points=5,
        xp=5,
        when=(Condition("role", "eq", "attendee"), Condition("extent", "eq", "partial")),
        once_per="target",
    ),
    RuleVersion(
        "session_given",
        "attendance.recorded",
        points=50,
        xp=50,
        when=(Condition("role", "eq", "speaker"), Condition("activity_kind", "eq", "sharing_session")),
        once_per="target",
    ),
    *(
        RuleVersion(
            f"contest_{place}",
            "contest.finished",
            points=points,
            xp=points,
            when=(Condition("rank", "eq", rank),),
            once_per="target",
        )
        for rank, place, points in ((1, "first", 100), (2, "second", 60), (3, "third", 30))
    ),
    RuleVersion("survey", "survey.answered", points=3, xp=3, once_per="target"),
    RuleVersion("survey_unnamed", "survey.participated", points=3, xp=3, once_per="target"),
    RuleVersion(
        "kudos_received",
        "kudos.given",
        points=5,
        xp=5,
        beneficiary="recipient",
        once_per="target",
        daily_cap=15,
        per_giver=GiverLimit(1, "week"),
    ),
    RuleVersion(
        "idea_adopted",
        "idea.decided",
        points=50,
        xp=50,
        beneficiary="author",
        when=(Condition("to", "eq", "adopted"),),
        once_per="target",
    ),
    RuleVersion("course_completed", "course.completed", points=40, xp=40, once_per="target"),
    RuleVersion("mentorship_mentor", "mentorship.completed", points=60, xp=60, beneficiary="mentor", once_per="target"),
    RuleVersion("mentorship_mentee", "mentorship.completed", points=60, xp=60, beneficiary="mentee", once_per="target"),
    *(
        RuleVersion(
            f"violation_{severity}",
            "penalty.imposed",
            points=-points,
            xp=0,
            when=(Condition("severity", "eq", severity),),
            once_per="target",
        )
        for severity, points in (("minor", 10), ("serious", 30), ("grave", 60))
    ),
)
"""Version 0 of each code: a community's own versions come on top of it."""

CHANGED_DEFAULTS: Mapping[int, tuple[RuleVersion, ...]] = {2: ()}
"""What later editions of the defaults say otherwise, by their number, from 2 on. They never pay backwards: an edition applies
from the moment at which the installation first started with it (`editions.py`). So a default in `DEFAULT_RULES` is never
edited: its successor is added here, under a new number."""

TEAMS_WITHOUT = 2
"""The edition from which on an operating team has no default rules: its members are not to be paid for running the others."""

TITLES: dict[str, tuple[str, str]] = {
    "joined": ("Welcome to the community", "欢迎加入社群"),
    "checkin": ("Check-in", "学习打卡"),
    "streak_week": ("Seven days in a row", "连续打卡满七天"),
    "discussion": ("Started a discussion", "发起讨论"),
    "reply": ("Replied to a discussion", "回复讨论"),
    "answer_accepted": ("Answer accepted", "回答被采纳"),
    "like_received": ("Like received", "收到点赞"),
    "article": ("Article published", "发布文章"),
    "case_study": ("Case study published", "发布案例"),
    "experience": ("Experience shared", "发布心得"),
    "featured": ("Content featured", "内容被加精"),
    "activity_attended": ("Took part in an activity", "参加活动"),
    "activity_partly": ("Took part in some of an activity", "参加部分活动"),
    "session_given": ("Gave a sharing session", "主讲分享会"),
    "contest_first": ("First place in a contest", "知识竞赛第一名"),
    "contest_second": ("Second place in a contest", "知识竞赛第二名"),
    "contest_third": ("Third place in a contest", "知识竞赛第三名"),
    "survey": ("Survey answered", "填写问卷"),
    "survey_unnamed": ("Anonymous survey answered", "填写匿名问卷"),
    "kudos_received": ("Kudos received", "收到认可"),
    "idea_adopted": ("Idea adopted", "创意被采纳"),
    "course_completed": ("Course completed", "完成课程"),
    "mentorship_mentor": ("Mentorship completed as mentor", "完成带教"),
    "mentorship_mentee": ("Mentorship completed", "完成师徒结对"),
    "violation_minor": ("Minor violation", "轻微违规"),
    "violation_serious": ("Serious violation", "严重违规"),
    "violation_grave": ("Grave violation", "重大违规"),
}
"""English and Chinese titles by rule code, where a community has not named the rule (`titles.py`)."""


def check(rules: Iterable[RuleVersion]) -> None:
    """Raise `TypeError` where a rule speaks of what its trigger has not."""
    for rule in rules:
        trigger = TRIGGERS.by_name.get(rule.trigger)
        if trigger is None:
            if rule.trigger not in TRIGGERS.to_come | TRIGGERS.settled:
                raise TypeError(f"{rule.code}: there is no trigger {rule.trigger}")
            continue
        if rule.beneficiary not in trigger.pays:
            raise TypeError(f"{rule.code}: {trigger.name} pays no {rule.beneficiary}")
        if rule.per_giver is not None and trigger.by is None:
            raise TypeError(f"{rule.code}: nobody gives in {trigger.name}")
        for condition in rule.when:
            attribute = trigger.tests.get(condition.field)
            if attribute is None:
                raise TypeError(f"{rule.code}: {trigger.name} has no attribute {condition.field}")
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            if attribute.known and not set(values) <= set(attribute.known):
                raise TypeError(f"{rule.code}: {condition.field} is never {condition.value}")


check(DEFAULT_RULES)
for _changed in CHANGED_DEFAULTS.values():
    check(_changed)
