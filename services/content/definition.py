"""What the content service is made of."""

from chassis.occasions import when
from chassis.projections import ProjectionAuthority, follow_membership
from chassis.service import Service
from contracts.belonging import GROUP_MEMBER_STATES, GROUP_STATES
from contracts.conduct import ACKNOWLEDGEMENT_STATES, RULE_SET_STATES
from contracts.membership import (
    COMMUNITY_STATES,
    DEPARTMENT_STATES,
    MEMBER_STATES,
    PERSON_STATES,
    SANCTION_STATES,
    WORK_CALENDAR_STATES,
)
from services.content.announcements.feature import feature as announcements
from services.content.announcements.queries import of_kind as announcement_shown
from services.content.announcements.service import follow_published, follow_read, write_announcement
from services.content.archives.feature import feature as archives
from services.content.articles.feature import feature as articles
from services.content.articles.files import article_files
from services.content.articles.keeping import holds_articles
from services.content.articles.occasions import article_edited, article_read, article_shown
from services.content.assignments.feature import feature as assignments
from services.content.assignments.queries import assigned
from services.content.attachments.feature import feature as attachments
from services.content.attachments.occasions import who_reads
from services.content.base import Base, tables
from services.content.bookmarks.feature import feature as bookmarks
from services.content.collections.feature import feature as collections
from services.content.collections.occasions import emptied
from services.content.deeds.feature import feature as deeds
from services.content.discussions.feature import feature as discussions
from services.content.discussions.files import discussion_files
from services.content.discussions.occasions import (
    discussion_published,
    discussion_read,
    discussion_said,
    discussion_turned,
    discussion_written,
    discussions_shown,
    looked_at,
)
from services.content.drafts import service as drafts_kept
from services.content.drafts.feature import feature as drafts
from services.content.feedback.feature import feature as feedback
from services.content.feedback.files import feedback_files
from services.content.guests.access import require_standing
from services.content.guests.feature import feature as guests
from services.content.guests.occasions import guests_gone
from services.content.holding.feature import feature as holding
from services.content.ideas.feature import feature as ideas
from services.content.ideas.files import idea_files
from services.content.ideas.occasions import idea_said
from services.content.materials.feature import feature as materials
from services.content.materials.service import follow_gone, material_files
from services.content.moderation.feature import feature as moderation
from services.content.penalties.feature import feature as penalties
from services.content.polls.feature import feature as polls
from services.content.polls.queries import of_kind as poll_shown
from services.content.polls.service import write_poll
from services.content.reactions.feature import feature as reactions
from services.content.readings import service as readings_kept
from services.content.readings.feature import feature as readings
from services.content.replies.feature import feature as replies
from services.content.replies.files import reply_files
from services.content.replies.moving import follow_merged
from services.content.replies.occasions import replies_moved, reply_edited, reply_posted, reply_turned, reply_written
from services.content.replies.removing import follow_discussion
from services.content.scanning.feature import feature as scanning
from services.content.search import sources
from services.content.search.feature import feature as search
from services.content.sessions.archive import follow_gone as archive_follows
from services.content.sessions.feature import feature as sessions
from services.content.subscriptions.feature import feature as subscriptions
from services.content.threads.feature import feature as threads
from services.content.threads.queries import reading_of
from services.content.threads.service import follow_moved
from services.content.unnamed.feature import feature as unnamed

definition = Service(
    name="content",
    base=Base,
    tables=tables,
    migrations="services.content.migrations",
    features=[
        deeds,
        scanning,
        holding,
        guests,
        attachments,
        reactions,
        bookmarks,
        subscriptions,
        # Its paths come before those that have an id there.
        unnamed,
        discussions,
        feedback,
        announcements,
        polls,
        replies,
        assignments,
        threads,
        collections,
        articles,
        materials,
        sessions,
        ideas,
        drafts,
        readings,
        search,
        moderation,
        archives,
        penalties,
    ],
    effects=[
        when(who_reads, discussion_files, reply_files, article_files, idea_files, feedback_files, material_files),
        when(guests_gone, follow_gone, archive_follows),
        when(discussion_written, write_announcement, write_poll, drafts_kept.follow_written),
        when(discussion_published, follow_published, sources.discussion_published),
        when(discussion_read, follow_read, readings_kept.follow_discussion),
        when(article_edited, drafts_kept.follow_article_edited),
        when(article_read, readings_kept.follow_article),
        when(discussions_shown, announcement_shown, poll_shown, assigned),
        when(looked_at, reading_of),
        when(emptied, holds_articles),
        when(discussion_turned, follow_discussion, follow_merged, sources.discussion_turned),
        when(discussion_said, sources.discussion_said),
        when(reply_posted, drafts_kept.follow_replied),
        when(reply_edited, drafts_kept.follow_reply_edited),
        when(reply_written, sources.reply_written),
        when(reply_turned, sources.reply_turned),
        when(replies_moved, follow_moved, sources.replies_moved),
        when(article_shown, sources.article_shown),
        when(idea_said, sources.idea_said),
    ],
    projections=follow_membership(
        people=PERSON_STATES,
        departments=DEPARTMENT_STATES,
        communities=COMMUNITY_STATES,
        members=MEMBER_STATES,
        sanctions=SANCTION_STATES,
        rule_sets=RULE_SET_STATES,
        acknowledgements=ACKNOWLEDGEMENT_STATES,
        work_calendars=WORK_CALENDAR_STATES,
        groups=GROUP_STATES,
        group_members=GROUP_MEMBER_STATES,
    ),
    authority=ProjectionAuthority,
    guests=require_standing,
    publishes=["qunxue.content", "qunxue.content.restricted"],
)
