"""what takes its course has a row."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=True),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_courses")),
    )
    with op.batch_alter_table("activity_courses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_courses_community_id_announced_at"), ["community_id", "announced_at"], unique=False
        )

    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("counted_in", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("posted_at", UTCDateTime(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("removal_version", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("accept_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_answers_accepted",
            ["counted_in"],
            unique=False,
            postgresql_where=sa.text("accepted"),
            sqlite_where=sa.text("accepted"),
        )
        batch_op.create_index(
            "ix_answers_visible",
            ["counted_in", "posted_at", "author_id"],
            unique=False,
            postgresql_where=sa.text("posted_at IS NOT NULL AND NOT removed"),
            sqlite_where=sa.text("posted_at IS NOT NULL AND NOT removed"),
        )

    op.create_table(
        "application_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decision_version", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_courses")),
    )
    with op.batch_alter_table("application_courses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_courses_community_id_submitted_at"),
            ["community_id", "submitted_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_application_courses_person_id"), ["person_id"], unique=False)

    op.create_table(
        "attendance_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("activity_kind", sa.String(length=32), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("extent", sa.String(length=16), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("attended_at", UTCDateTime(), nullable=True),
        sa.Column("deed_version", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_courses")),
    )
    with op.batch_alter_table("attendance_courses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_courses_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "channel_visits",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "channel", "day", name=op.f("pk_channel_visits")),
    )
    with op.batch_alter_table("channel_visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channel_visits_community_id_day"), ["community_id", "day"], unique=False)

    op.create_table(
        "member_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", UTCDateTime(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_courses")),
    )
    with op.batch_alter_table("member_courses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_courses_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_member_courses_community_id_joined_at"), ["community_id", "joined_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_member_courses_person_id"), ["person_id"], unique=False)

    op.create_table(
        "question_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("counted_in", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("removal_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("first_answer_at", UTCDateTime(), nullable=True),
        sa.Column("first_by_other_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_courses")),
    )
    with op.batch_alter_table("question_courses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_courses_community_id_asked_at"), ["community_id", "asked_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_question_courses_counted_in"), ["counted_in"], unique=False)

    op.create_table(
        "registration_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("activity_kind", sa.String(length=32), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("waitlisted_at", UTCDateTime(), nullable=True),
        sa.Column("offered_at", UTCDateTime(), nullable=True),
        sa.Column("excused_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("expired_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_courses")),
    )
    with op.batch_alter_table("registration_courses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_courses_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "satisfaction_courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_courses")),
    )
    with op.batch_alter_table("satisfaction_courses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_satisfaction_courses_about_id"), ["about_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_satisfaction_courses_community_id_closed_at"), ["community_id", "closed_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("satisfaction_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_satisfaction_courses_community_id_closed_at"))
        batch_op.drop_index(batch_op.f("ix_satisfaction_courses_about_id"))

    op.drop_table("satisfaction_courses")
    with op.batch_alter_table("registration_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registration_courses_activity_id"))

    op.drop_table("registration_courses")
    with op.batch_alter_table("question_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_courses_counted_in"))
        batch_op.drop_index(batch_op.f("ix_question_courses_community_id_asked_at"))

    op.drop_table("question_courses")
    with op.batch_alter_table("member_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_courses_person_id"))
        batch_op.drop_index(batch_op.f("ix_member_courses_community_id_joined_at"))
        batch_op.drop_index(batch_op.f("ix_member_courses_application_id"))

    op.drop_table("member_courses")
    with op.batch_alter_table("channel_visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channel_visits_community_id_day"))

    op.drop_table("channel_visits")
    with op.batch_alter_table("attendance_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_courses_activity_id"))

    op.drop_table("attendance_courses")
    with op.batch_alter_table("application_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_courses_person_id"))
        batch_op.drop_index(batch_op.f("ix_application_courses_community_id_submitted_at"))

    op.drop_table("application_courses")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_answers_visible",
            postgresql_where=sa.text("posted_at IS NOT NULL AND NOT removed"),
            sqlite_where=sa.text("posted_at IS NOT NULL AND NOT removed"),
        )
        batch_op.drop_index(
            "ix_answers_accepted", postgresql_where=sa.text("accepted"), sqlite_where=sa.text("accepted")
        )

    op.drop_table("answers")
    with op.batch_alter_table("activity_courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_courses_community_id_announced_at"))

    op.drop_table("activity_courses")
