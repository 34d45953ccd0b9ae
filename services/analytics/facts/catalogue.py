"""Which messages are facts, and which are none, and why not: every message of every service stands here once."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid5

from chassis.messaging.envelope import Received
from contracts import belonging, conduct, content, events, gamification, ideas, membership, recruitment
from contracts.base import IntegrationEvent
from services.analytics.facts.declaration import About, Deed, Entry, Undone, checked, noon_of_day, subject, told_once
from services.analytics.facts.points import POINTS
from services.analytics.facts.uncounted import NO_FACTS
from services.analytics.facts.verbs import Verb

REPLIES = (Verb.REPLIED, Verb.COMMENTED)
KUDOS = (Verb.GAVE_KUDOS, Verb.RECEIVED_KUDOS)
ATTENDANCES = (Verb.ATTENDED, Verb.SPOKE)
PENALTIES = {"minor": Verb.MINOR_PENALTY, "serious": Verb.SERIOUS_PENALTY, "grave": Verb.GRAVE_PENALTY}


def _joining(message: Received[Any]) -> Any:
    return uuid5(message.data.member_id, f"joined {message.data.joined_at.isoformat()}")


def _was_there_at(message: Received[Any]) -> Any:
    """When the activity began: that somebody was there is told when it is over, or recorded still later. Older messages do not say."""
    began = message.data.starts_at
    return message.occurred_at if began is None else min(began, message.occurred_at)


def _joined_at(message: Received[Any]) -> Any:
    return message.data.joined_at


def _on_day(message: Received[Any]) -> Any:
    return uuid5(subject(message), message.data.day.isoformat())


def _channel_on_day(message: Received[Any]) -> Any:
    data = message.data
    return uuid5(data.campaign_id, f"{data.channel} {data.day.isoformat()}")


def _query(message: Received[Any]) -> Any:
    return uuid5(message.data.community_id, f"search {message.data.query}")


def _submission(message: Received[Any]) -> Any:
    return uuid5(message.data.article_id, f"submitted {message.data.revision}")


def _participants(message: Received[Any]) -> Any:
    return message.data.member_ids


def _competitors(message: Received[Any]) -> Any:
    return tuple(member_id for line in message.data.standings for member_id in line.member_ids)


def _read_pieces(message: Received[Any]) -> Any:
    data = message.data
    return data.articles + data.discussions + data.announcements


def _activity(message: Any) -> About:
    return About(
        "activity",
        "activity_id",
        whole=True,
        sub_kind="kind",
        title="title",
        tags="tags",
        at="starts_at",
        details=lambda data: (
            {
                "ends_at": data.ends_at.isoformat(),
                "mode": data.mode,
                "hours": data.hours,
                "capacity": data.capacity,
                "series_id": None if data.series_id is None else str(data.series_id),
            }
            | _OF_STATE.get(message, lambda _: {})(data)
        ),
    )


_OF_STATE: Mapping[Any, Any] = {
    events.ActivityCancelled: lambda _: {"cancelled": True},
    events.ActivityCompleted: lambda data: {
        "completed": True,
        "registered": data.registered,
        "attended": data.attended,
        "no_shows": data.no_shows,
    },
}


def _discussion() -> About:
    return About(
        "discussion",
        "discussion_id",
        whole=True,
        sub_kind="kind",
        title="title",
        tags="tags",
        authors=lambda message: (message.data.author_id,),
        details=lambda data: {"answer_due_at": None if data.answer_due_at is None else data.answer_due_at.isoformat()},
    )


def _article(*, published: bool) -> About:
    return About(
        "article",
        "article_id",
        whole=True,
        sub_kind="kind",
        title="title",
        tags="tags",
        authors="author_ids" if published else None,
        details=lambda data: {
            "source_activity_id": None if data.source_activity_id is None else str(data.source_activity_id)
        },
    )


_CAMPAIGN = About(
    "campaign",
    "campaign_id",
    whole=True,
    title="title",
    details=lambda data: {
        "channels": [channel.code for channel in data.channels],
        "channel_names": {channel.code: channel.name for channel in data.channels},
    },
)


def _idea(*, proposed: bool = False, details: Any = None) -> About:
    return About(
        "idea",
        "idea_id",
        whole=True,
        title="title",
        tags="tags",
        authors="author_ids" if proposed else None,
        details=details,
    )


def _registered(message: type[IntegrationEvent]) -> Entry:
    return Entry(message, deeds=(Deed(Verb.REGISTERED, "registration_id", by="member_id", about="activity_id"),))


def _unregistered(message: type[IntegrationEvent]) -> Entry:
    return Entry(message, undone=(Undone((Verb.REGISTERED,), "registration_id"),))


def _joined(message: type[IntegrationEvent]) -> Entry:
    return Entry(message, deeds=(Deed(Verb.JOINED, _joining, by="member_id", at=_joined_at),))


def _penalty(severity: str, verb: Verb) -> Deed:
    return Deed(verb, "penalty_id", about="community_id", when=lambda data: data.severity == severity)


def _the_two(message: Received[Any]) -> Any:
    return message.data.mentor_id, message.data.mentee_id


def _mentored(message: type[IntegrationEvent], verb: Verb) -> Entry:
    return Entry(message, deeds=(Deed(verb, "mentorship_id", by=_the_two, several=True),))


def _feedback(message: type[IntegrationEvent]) -> Entry:
    return Entry(
        message,
        deeds=tuple(
            Deed(verb, _on_day, about="community_id", value=value, at=noon_of_day)
            for verb, value in (
                (Verb.FEEDBACK_OPENED, "opened"),
                (Verb.FEEDBACK_ANSWERED, "answered"),
                (Verb.FEEDBACK_CLOSED, "closed"),
            )
        ),
    )


_ENTRIES = (
    # --- membership ---
    _joined(membership.MemberJoined),
    _joined(membership.MemberSnapshot),
    Entry(membership.MemberLeft, deeds=(Deed(Verb.LEFT, told_once, by="member_id"),)),
    Entry(
        recruitment.ApplicationSubmitted,
        deeds=(Deed(Verb.APPLIED, "application_id", about="campaign_id"),),
    ),
    # Its visits and applications are told by themselves.
    Entry(recruitment.CampaignOpened, about=_CAMPAIGN),
    Entry(recruitment.CampaignClosed, about=_CAMPAIGN),
    Entry(
        recruitment.CampaignVisited,
        deeds=(Deed(Verb.VISITED_CAMPAIGN, _channel_on_day, about="campaign_id", value="visits", at=noon_of_day),),
    ),
    _mentored(belonging.MentorshipStarted, Verb.BEGAN_MENTORSHIP),
    _mentored(belonging.MentorshipCompleted, Verb.COMPLETED_MENTORSHIP),
    # Of whom is no figure.
    Entry(conduct.PenaltyImposed, deeds=tuple(_penalty(severity, verb) for severity, verb in PENALTIES.items())),
    Entry(conduct.PenaltyLifted, undone=(Undone(tuple(PENALTIES.values()), "penalty_id"),)),
    # --- gamification ---
    Entry(gamification.CheckinRecorded, deeds=(Deed(Verb.CHECKED_IN, "checkin_id", by="member_id"),)),
    Entry(gamification.StreakReached, deeds=(Deed(Verb.REACHED_STREAK, told_once, by="member_id", value="length"),)),
    Entry(
        gamification.PlanCompleted,
        deeds=(Deed(Verb.COMPLETED_PLAN, subject, by="member_id", about="plan_id", value="days"),),
    ),
    *POINTS,
    Entry(gamification.LevelPromoted, deeds=(Deed(Verb.PROMOTED, told_once, by="member_id"),)),
    Entry(
        gamification.KudosGiven,
        deeds=(
            Deed(Verb.GAVE_KUDOS, "kudos_id", by="giver_id"),
            Deed(Verb.RECEIVED_KUDOS, "kudos_id", by="receiver_id"),
        ),
    ),
    Entry(gamification.KudosRemoved, undone=(Undone(KUDOS, "kudos_id"),)),
    Entry(gamification.KudosRestored, undone=(Undone(KUDOS, "kudos_id", voided=False),)),
    # --- discussions and replies ---
    Entry(
        content.DiscussionStarted,
        deeds=(Deed(Verb.STARTED_DISCUSSION, "discussion_id", by="author_id", about="discussion_id"),),
        about=_discussion(),
    ),
    Entry(content.DiscussionUpdated, about=_discussion()),
    Entry(
        content.DiscussionRemoved,
        undone=(Undone((Verb.STARTED_DISCUSSION,), "id"),),
        about=About("discussion", "id", voided=True),
    ),
    Entry(
        content.DiscussionRestored,
        undone=(Undone((Verb.STARTED_DISCUSSION,), "id", voided=False),),
        about=About("discussion", "id", voided=False),
    ),
    Entry(
        # It is in no metric any more; what was replied to it counts on.
        content.DiscussionMerged,
        undone=(Undone((Verb.STARTED_DISCUSSION,), "discussion_id"),),
        about=About(
            "discussion",
            "discussion_id",
            voided=True,
            details=lambda data: {"merged_into": str(data.into_id)},
        ),
    ),
    Entry(
        content.ReplyPosted,
        deeds=(
            Deed(
                Verb.REPLIED,
                "reply_id",
                by="author_id",
                about="discussion_id",
                value="characters",
                when=lambda data: data.kind != "comment",
                rivals=REPLIES,
            ),
            Deed(
                Verb.COMMENTED,
                "reply_id",
                by="author_id",
                about="discussion_id",
                value="characters",
                when=lambda data: data.kind == "comment",
                rivals=REPLIES,
            ),
        ),
    ),
    Entry(content.ReplyRemoved, undone=(Undone(REPLIES, "id"),)),
    Entry(content.ReplyRestored, undone=(Undone(REPLIES, "id", voided=False),)),
    Entry(
        content.AnswerAccepted,
        deeds=(
            Deed(Verb.ACCEPTED_ANSWER, "reply_id", by="accepted_by", about="discussion_id"),
            Deed(Verb.ANSWER_ACCEPTED, "reply_id", by="answerer_id", about="discussion_id"),
        ),
    ),
    Entry(
        content.AnswerUnaccepted,
        undone=(
            Undone((Verb.ACCEPTED_ANSWER,), "reply_id", unless="helped_before"),
            Undone((Verb.ANSWER_ACCEPTED,), "reply_id", unless="helped_before"),
        ),
    ),
    Entry(content.QuestionOverdue, deeds=(Deed(Verb.QUESTION_OVERDUE, "discussion_id", about="discussion_id"),)),
    Entry(
        content.AnnouncementAcknowledged,
        deeds=(Deed(Verb.ACKNOWLEDGED_ANNOUNCEMENT, subject, by="member_id", about="discussion_id"),),
    ),
    Entry(content.PollVoted, deeds=(Deed(Verb.VOTED_POLL, subject, by="member_id", about="discussion_id"),)),
    # --- articles ---
    Entry(
        content.ArticlePublished,
        deeds=(Deed(Verb.PUBLISHED_ARTICLE, "article_id", by="author_ids", about="article_id", several=True),),
        about=_article(published=True),
    ),
    Entry(content.ArticleRevised, about=_article(published=False)),
    Entry(content.ArticleRemoved, about=About("article", "id", voided=True)),
    Entry(content.ArticleRestored, about=About("article", "id", voided=False)),
    Entry(
        content.ArticleSubmitted,
        deeds=(Deed(Verb.SUBMITTED_ARTICLE, _submission, by="submitted_by", about="article_id"),),
    ),
    Entry(
        content.ArticleRead,
        deeds=(
            Deed(Verb.READ, subject, by="member_id", about="article_id", value="progress"),
            Deed(
                Verb.FINISHED_READING,
                subject,
                by="member_id",
                about="article_id",
                when=lambda data: data.finished,
            ),
        ),
    ),
    Entry(
        content.ArticleRated,
        deeds=(Deed(Verb.RATED_ARTICLE, subject, by="member_id", about="article_id", value="rating"),),
    ),
    # --- ideas ---
    Entry(
        ideas.IdeaProposed,
        deeds=(Deed(Verb.PROPOSED_IDEA, "idea_id", by="author_ids", about="idea_id", several=True),),
        about=_idea(proposed=True),
    ),
    Entry(ideas.IdeaRemoved, about=About("idea", "idea_id", voided=True)),
    Entry(ideas.IdeaRestored, about=About("idea", "idea_id", voided=False)),
    Entry(ideas.IdeaVoted, deeds=(Deed(Verb.VOTED_IDEA, subject, by="member_id", about="idea_id"),)),
    Entry(ideas.IdeaUnvoted, undone=(Undone((Verb.VOTED_IDEA,), subject),)),
    Entry(
        ideas.IdeaDecided,
        deeds=(Deed(Verb.IDEA_DECIDED, told_once, about="idea_id"),),
        about=_idea(details=lambda data: {"decided": data.to}),
    ),
    Entry(ideas.IdeaMerged, about=_idea(details=lambda data: {"merged_into": str(data.merged_into)})),
    # --- all that members write ---
    Entry(content.ReactionAdded, deeds=(Deed(Verb.REACTED, "reaction_id", by="member_id", about="object.root_id"),)),
    Entry(content.ReactionRemoved, undone=(Undone((Verb.REACTED,), "reaction_id"),)),
    Entry(
        content.ContentFeatured,
        deeds=(Deed(Verb.FEATURED, "object.id", by="object.author_ids", about="object.root_id", several=True),),
    ),
    Entry(content.ContentUnfeatured, undone=(Undone((Verb.FEATURED,), "object.id", several="object.author_ids"),)),
    Entry(content.ContentFlagged, deeds=(Deed(Verb.CONTENT_FLAGGED, told_once, about="object.id"),)),
    Entry(content.ContentReported, deeds=(Deed(Verb.CONTENT_REPORTED, told_once, about="object.id"),)),
    Entry(
        content.ReadingRecorded,
        deeds=(Deed(Verb.READ_ON_DAY, subject, by="member_id", value=_read_pieces, at=noon_of_day),),
    ),
    Entry(
        content.SearchMissed,
        deeds=(Deed(Verb.MISSED_SEARCH, told_once, about=_query),),
        about=About("search", _query, whole=True, sub_kind="language", title="query"),
    ),
    _feedback(content.FeedbackCounted),
    # --- events ---
    Entry(
        events.ActivityAnnounced,
        deeds=(Deed(Verb.ACTIVITY_ANNOUNCED, "activity_id", about="activity_id"),),
        about=_activity(events.ActivityAnnounced),
    ),
    Entry(events.ActivityMoved, about=_activity(events.ActivityMoved)),
    Entry(events.ActivityUpdated, about=_activity(events.ActivityUpdated)),
    Entry(
        events.ActivityCancelled,
        deeds=(Deed(Verb.ACTIVITY_CANCELLED, "activity_id", about="activity_id"),),
        about=_activity(events.ActivityCancelled),
    ),
    Entry(
        # Whoever attended is told by `attendance.recorded`, and counted there.
        events.ActivityCompleted,
        deeds=(Deed(Verb.ACTIVITY_COMPLETED, "activity_id", about="activity_id", value="attended"),),
        about=_activity(events.ActivityCompleted),
    ),
    _registered(events.RegistrationConfirmed),
    _registered(events.RegistrationWaitlisted),
    _unregistered(events.RegistrationCancelled),
    _unregistered(events.RegistrationExcused),
    _unregistered(events.RegistrationExpired),
    Entry(
        events.AttendanceRecorded,
        deeds=(
            Deed(
                Verb.ATTENDED,
                "attendance_id",
                by="member_id",
                about="activity_id",
                value="minutes",
                at=_was_there_at,
                when=lambda data: data.role != "speaker",
                rivals=ATTENDANCES,
            ),
            Deed(
                Verb.SPOKE,
                "attendance_id",
                by="member_id",
                about="activity_id",
                value="minutes",
                at=_was_there_at,
                when=lambda data: data.role == "speaker",
                rivals=ATTENDANCES,
            ),
        ),
    ),
    Entry(events.AttendanceRevoked, undone=(Undone(ATTENDANCES, "attendance_id"),)),
    Entry(
        events.ActionItemCompleted,
        deeds=(Deed(Verb.COMPLETED_ACTION_ITEM, "action_item_id", by="owner_id", about="activity_id"),),
    ),
    Entry(
        events.SurveyAnswered,
        deeds=(Deed(Verb.ANSWERED_SURVEY, "answer_id", by="member_id", about="survey_id"),),
    ),
    Entry(
        events.SurveyParticipated,
        deeds=(Deed(Verb.ANSWERED_SURVEY, "survey_id", by=_participants, about="survey_id", several=True),),
    ),
    Entry(
        events.ContestFinished,
        deeds=(Deed(Verb.COMPETED, "contest_id", by=_competitors, about="activity_id", several=True),),
    ),
    Entry(
        events.SurveyOpened,
        about=About(
            "survey", "survey_id", whole=True, sub_kind="about.kind", details=lambda data: _about_what(data.about)
        ),
    ),
    Entry(
        events.SurveyClosed,
        deeds=(Deed(Verb.SURVEY_CLOSED, "survey_id", about="survey_id", value="answered"),),
        about=About(
            "survey",
            "survey_id",
            whole=True,
            sub_kind="about.kind",
            details=lambda data: (
                _about_what(data.about)
                | {
                    "anonymity": data.anonymity,
                    "asked": data.asked,
                    "answered": data.answered,
                    "means": [mean.model_dump(mode="json") for mean in data.means],
                }
            ),
        ),
    ),
    _feedback(events.FeedbackRequestsCounted),
)


def _about_what(about: Any) -> dict[str, Any]:
    return {"about_id": None if about.id is None else str(about.id), "month": about.month}


CATALOGUE: Final[Mapping[type[IntegrationEvent], Entry]] = {entry.message: checked(entry) for entry in _ENTRIES}

if len(CATALOGUE) != len(_ENTRIES) or {message.TYPE for message in CATALOGUE} & NO_FACTS.keys():
    raise TypeError("a message stands in the catalogue twice, or is none for a reason, too")
