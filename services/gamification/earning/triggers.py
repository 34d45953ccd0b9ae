"""What members do that rules can pay: each kind of deed is declared here, once. See `declaration.Trigger`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.messaging.handlers import Received
from contracts import content, events, ideas
from contracts.belonging import MentorshipCompleted
from contracts.gamification import CheckinRecorded, KudosGiven, PlanCompleted
from contracts.membership import MemberJoined
from services.gamification.earning.catalogue import Triggers
from services.gamification.earning.declaration import Change, Content, Thing, ToCome, Trigger


class WeekCompleted(BaseModel):
    """A full week of a streak, which is no message: `week` names it for ever, `length` is that of the streak."""

    model_config = ConfigDict(frozen=True)

    community_id: UUID
    member_id: UUID
    completed_on: date
    week: str
    length: int


class ContestPlace(BaseModel):
    """What one member has in a contest, of a message about many. `place` names it together with the revision since which they have it."""

    model_config = ConfigDict(frozen=True)

    community_id: UUID
    member_id: UUID
    rank: int
    score: int
    team: bool
    place: str


def _of_content(message: type[content.ContentRemoval]) -> Change:
    return Change(message, thing="id", members=("author_ids",))


JOINED = Trigger(
    MemberJoined,
    "Joined the community",
    "加入社群",
    pays={"member": "member_id"},
    thing=Thing("member", "member_id"),
    address="/v1/members/{}",
    attributes=("via", "channel"),
    # With the wallet that it opens.
    apart=True,
)
CHECKED_IN = Trigger(
    CheckinRecorded,
    "Check-in",
    "学习打卡",
    pays={"member": "member_id"},
    thing=Thing("checkin", "checkin_id"),
    address="/v1/checkins/{}",
    attributes=("origin",),
    # In the request, whose answer says what it earned.
    apart=True,
)
WEEK_COMPLETED = Trigger(
    WeekCompleted,
    "Seven days in a row",
    "连续打卡满七天",
    name="streak.completed_week",
    pays={"member": "member_id"},
    thing=Thing("streak_week", "week"),
    attributes=("length",),
    apart=True,
)
KUDOS_GIVEN = Trigger(
    KudosGiven,
    "Kudos received",
    "收到认可",
    pays={"recipient": "receiver_id"},
    by="giver_id",
    thing=Thing("kudos", "kudos_id"),
    address="/v1/kudos/{}",
    attributes=("value_code",),
    # In the request; what is held or removed is taken back there, too.
    apart=True,
)

PLAN_COMPLETED = Trigger(
    PlanCompleted,
    "Check-in plan completed",
    "完成打卡营",
    pays={"member": "member_id"},
    thing=Thing("plan", "plan_id"),
    address="/v1/checkin-plans/{}",
    attributes=("days",),
    # With the check-in that completes it.
    apart=True,
)

CONTEST_FINISHED = Trigger(
    ContestPlace,
    "Contest",
    "知识竞赛",
    name="contest.finished",
    pays={"member": "member_id"},
    thing=Thing("contest_place", "place"),
    # Members find the contest by its activity, which alone the place names.
    address="/v1/activities/{}",
    attributes=("rank", "score", "team"),
    # Of a message about many members, each with a place of their own (`contests.py`).
    apart=True,
)

TRIGGERS = Triggers(
    (
        JOINED,
        CHECKED_IN,
        WEEK_COMPLETED,
        KUDOS_GIVEN,
        PLAN_COMPLETED,
        CONTEST_FINISHED,
        Trigger(
            content.DiscussionStarted,
            "Started a discussion",
            "发起讨论",
            pays={"author": "author_id"},
            thing=Thing("discussion", "discussion_id"),
            address="/v1/discussions/{}",
            attributes=("kind", "tags"),
            undone_by=(_of_content(content.DiscussionRemoved),),
            redone_by=(_of_content(content.DiscussionRestored),),
        ),
        Trigger(
            content.ReplyPosted,
            "Replied",
            "回复讨论",
            pays={"author": "author_id"},
            thing=Thing("reply", "reply_id"),
            address="/v1/replies/{}",
            attributes=("kind", "discussion_kind", "first_by_other"),
            undone_by=(_of_content(content.ReplyRemoved),),
            redone_by=(_of_content(content.ReplyRestored),),
        ),
        Trigger(
            content.AnswerAccepted,
            "Answer accepted",
            "回答被采纳",
            pays={"answerer": "answerer_id"},
            by="asker_id",
            thing=Thing("answer", "reply_id"),
            address="/v1/replies/{}",
            about=Thing("reply", "reply_id"),
            attributes=("tags",),
            undone_by=(Change(content.AnswerUnaccepted, unless="helped_before"),),
            redone_by=(Change(content.AnswerAccepted),),
        ),
        Trigger(
            content.ReactionAdded,
            "Reaction received",
            "收到点赞",
            pays={"author": "object.author_ids"},
            by="member_id",
            thing=Thing("reaction", "reaction_id"),
            about=Content("object"),
            attributes=("reaction", "object.kind", "tags"),
            undone_by=(Change(content.ReactionRemoved),),
            # Undone and given again is the same reaction.
            redone_by=(Change(content.ReactionAdded),),
        ),
        Trigger(
            content.ArticlePublished,
            "Article published",
            "发布文章",
            pays={"author": "author_ids"},
            thing=Thing("article", "article_id"),
            address="/v1/articles/{}",
            attributes=("kind", "tags", "visibility"),
            undone_by=(_of_content(content.ArticleRemoved),),
            redone_by=(_of_content(content.ArticleRestored),),
        ),
        Trigger(
            content.ContentFeatured,
            "Content featured",
            "内容被加精",
            pays={"author": "object.author_ids"},
            thing=Thing("featured", "object.id"),
            about=Content("object"),
            attributes=("object.kind",),
            undone_by=(Change(content.ContentUnfeatured),),
            redone_by=(Change(content.ContentFeatured),),
        ),
        Trigger(
            ideas.IdeaProposed,
            "Idea proposed",
            "提出创意",
            pays={"author": "author_ids"},
            thing=Thing("idea", "idea_id"),
            address="/v1/ideas/{}",
            attributes=("tags",),
            undone_by=(Change(ideas.IdeaRemoved),),
            redone_by=(Change(ideas.IdeaRestored),),
        ),
        Trigger(
            ideas.IdeaDecided,
            "Idea decided",
            "创意评审",
            pays={"author": "author_ids"},
            thing=Thing("decision", "idea_id"),
            address="/v1/ideas/{}",
            about=Thing("idea", "idea_id"),
            attributes=("to", "tags"),
        ),
        Trigger(
            events.AttendanceRecorded,
            "Took part in an activity",
            "参加活动",
            pays={"member": "member_id"},
            thing=Thing("attendance", "attendance_id"),
            address="/v1/attendances/{}",
            attributes=("activity_kind", "role", "extent", "minutes", "method", "walk_in"),
            undone_by=(Change(events.AttendanceRevoked),),
        ),
        Trigger(
            events.SurveyAnswered,
            "Survey answered",
            "填写问卷",
            pays={"member": "member_id"},
            thing=Thing("survey_answer", "answer_id"),
            attributes=("about.kind",),
        ),
        Trigger(
            # Whoever is not named is paid with all others, when the survey has closed.
            events.SurveyParticipated,
            "Anonymous survey answered",
            "填写匿名问卷",
            pays={"member": "member_ids"},
            thing=Thing("participation", "survey_id"),
            address="/v1/surveys/{}",
        ),
        Trigger(
            # What is completed stays so: nothing undoes it.
            MentorshipCompleted,
            "Mentorship completed",
            "完成师徒结对",
            pays={"mentor": "mentor_id", "mentee": "mentee_id"},
            thing=Thing("mentorship", "mentorship_id"),
            address="/v1/mentorships/{}",
        ),
    ),
    to_come=(ToCome("course.completed", "Course completed", "完成课程"),),
    # Its fine is the penalty's, whoever imposes it says how much: the default rules tell what is usual, and pay and take nothing.
    settled=(ToCome("penalty.imposed", "Violation upheld", "违规处罚"),),
)


def causes_of(messages: Sequence[Received[Any]]) -> Mapping[UUID, Received[Any]]:
    """The messages by id: their trace goes on in what they cause."""
    return {message.id: message for message in messages}
