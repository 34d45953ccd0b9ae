"""The rules every community has until it sets its own, and what may trigger a rule."""

from dataclasses import dataclass

from services.gamification.earning.rules import Condition, RuleVersion


@dataclass(frozen=True, slots=True)
class Trigger:
    """A kind of deed that rules can pay: whom it may pay, and the attributes that conditions may test."""

    type: str
    beneficiaries: tuple[str, ...]
    attributes: tuple[str, ...]
    en: str
    zh: str


TRIGGERS: dict[str, Trigger] = {
    trigger.type: trigger
    for trigger in (
        Trigger("member.joined", ("member",), ("via", "channel"), "Joined the community", "加入社群"),
        Trigger("checkin.recorded", ("member",), ("origin",), "Check-in", "学习打卡"),
        Trigger("streak.completed_week", ("member",), ("length",), "Seven days in a row", "连续打卡满七天"),
        Trigger("discussion.started", ("author",), ("kind", "tags"), "Started a discussion", "发起讨论"),
        Trigger("reply.posted", ("author",), ("kind", "discussion_kind", "first_by_other"), "Replied", "回复讨论"),
        Trigger("answer.accepted", ("answerer",), ("tags",), "Answer accepted", "回答被采纳"),
        Trigger("reaction.added", ("author",), ("reaction", "object_kind", "tags"), "Reaction received", "收到点赞"),
        Trigger("article.published", ("author",), ("kind", "tags", "visibility"), "Article published", "发布文章"),
        Trigger("content.featured", ("author",), ("object_kind",), "Content featured", "内容被加精"),
        Trigger(
            "attendance.recorded",
            ("member",),
            ("activity_kind", "role", "extent", "minutes", "method", "walk_in"),
            "Took part in an activity",
            "参加活动",
        ),
        Trigger("contest.finished", ("member",), ("rank",), "Contest", "知识竞赛"),
        Trigger("survey.answered", ("member",), (), "Survey answered", "填写问卷"),
        Trigger("kudos.given", ("recipient",), ("value",), "Kudos received", "收到认可"),
        Trigger("idea.decided", ("author",), ("outcome",), "Idea decided", "创意评审"),
        Trigger("course.completed", ("member",), ("course_kind",), "Course completed", "完成课程"),
        Trigger("mentorship.completed", ("mentor", "mentee"), (), "Mentorship completed", "完成师徒结对"),
        Trigger("penalty.imposed", ("member",), ("severity",), "Violation upheld", "违规处罚"),
    )
}
"""By type as rules name it: the message's type without `qunxue.<service>.` and version."""

DEFAULT_RULES: tuple[RuleVersion, ...] = (
    RuleVersion("joined", "member.joined", points=10, xp=0, once_per="member"),
    RuleVersion("checkin", "checkin.recorded", points=5, xp=5),
    RuleVersion("streak_week", "streak.completed_week", points=20, xp=20, once_per="target"),
    RuleVersion("discussion", "discussion.started", points=5, xp=5, beneficiary="author"),
    RuleVersion("reply", "reply.posted", points=2, xp=2, beneficiary="author", daily_cap=20),
    RuleVersion("answer_accepted", "answer.accepted", points=15, xp=15, beneficiary="answerer", once_per="target"),
    RuleVersion(
        "like_received",
        "reaction.added",
        points=1,
        xp=1,
        beneficiary="author",
        when=(Condition("reaction", "eq", "like"),),
        daily_cap=20,
    ),
    RuleVersion(
        "article",
        "article.published",
        points=30,
        xp=30,
        beneficiary="author",
        when=(Condition("kind", "not_in", ("case_study", "experience")),),
        once_per="target",
    ),
    RuleVersion(
        "case_study",
        "article.published",
        points=40,
        xp=40,
        beneficiary="author",
        when=(Condition("kind", "eq", "case_study"),),
        once_per="target",
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
    ),
    RuleVersion("featured", "content.featured", points=20, xp=20, beneficiary="author", once_per="target"),
    RuleVersion(
        "activity_attended",
        "attendance.recorded",
        points=10,
        xp=10,
        when=(Condition("role", "eq", "attendee"),),
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
    RuleVersion("kudos_received", "kudos.given", points=5, xp=5, beneficiary="recipient", once_per="target"),
    RuleVersion(
        "idea_adopted",
        "idea.decided",
        points=50,
        xp=50,
        beneficiary="author",
        when=(Condition("outcome", "eq", "adopted"),),
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
    "session_given": ("Gave a sharing session", "主讲分享会"),
    "contest_first": ("First place in a contest", "知识竞赛第一名"),
    "contest_second": ("Second place in a contest", "知识竞赛第二名"),
    "contest_third": ("Third place in a contest", "知识竞赛第三名"),
    "survey": ("Survey answered", "填写问卷"),
    "kudos_received": ("Kudos received", "收到认可"),
    "idea_adopted": ("Idea adopted", "创意被采纳"),
    "course_completed": ("Course completed", "完成课程"),
    "mentorship_mentor": ("Mentorship completed as mentor", "完成带教"),
    "mentorship_mentee": ("Mentorship completed", "完成师徒结对"),
    "violation_minor": ("Minor violation", "轻微违规"),
    "violation_serious": ("Serious violation", "严重违规"),
    "violation_grave": ("Grave violation", "重大违规"),
}
"""English and Chinese titles by rule code; a community's own code is its own title."""
