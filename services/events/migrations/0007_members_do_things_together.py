"""members do things together."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("location", JsonDocument, nullable=True),
        sa.Column("join_url", sa.String(length=500), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("organiser_ids", JsonDocument, nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("min_attendance", sa.Integer(), nullable=True),
        sa.Column("registration_opens_at", UTCDateTime(), nullable=True),
        sa.Column("registration_closes_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_until", UTCDateTime(), nullable=True),
        sa.Column("seat_offers", sa.String(length=8), nullable=False),
        sa.Column("check_out", sa.String(length=8), nullable=False),
        sa.Column("recording_consent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("confirm_by", UTCDateTime(), nullable=True),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("waiting_behind", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=False),
        sa.Column("no_shows", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=8), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "confirmed >= 0 AND offered >= 0 AND waiting >= waiting_behind AND waiting_behind >= 0",
            name=op.f("ck_activities_seats"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_activities_lasts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("door", name=op.f("uq_activities_door")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activities_community_id_starts_at_id"), ["community_id", "starts_at", "id"], unique=False
        )

    op.create_table(
        "action_items",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_action_items_closed")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_action_items_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_items")),
    )
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_items_activity_id_id"), ["activity_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_action_items_community_id_status_due_on_id"),
            ["community_id", "status", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_action_items_owner_id_status_due_on"), ["owner_id", "status", "due_on"], unique=False
        )

    op.create_table(
        "activity_organisers",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_organisers_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("activity_id", "member_id", name=op.f("pk_activity_organisers")),
    )
    with op.batch_alter_table("activity_organisers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_organisers_member_id_activity_id"), ["member_id", "activity_id"], unique=False
        )

    op.create_table(
        "attendances",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("method", sa.String(length=5), nullable=False),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("in_at", UTCDateTime(), nullable=False),
        sa.Column("out_at", UTCDateTime(), nullable=True),
        sa.Column("extent", sa.String(length=7), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("told_as", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_as", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(extent IS NULL) = (told_at IS NULL)", name=op.f("ck_attendances_told")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_attendances_activity_id_activities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
    )
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attendances_activity_id_told_at_id"), ["activity_id", "told_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_attendances_member_id_id"), ["member_id", "id"], unique=False)
        batch_op.create_index(
            "uq_attendances_once",
            ["activity_id", "member_id", "role"],
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "meetings",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("agenda", JsonDocument, nullable=False),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("decisions", JsonDocument, nullable=False),
        sa.Column("minuted_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_meetings_activity_id_activities")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_meetings")),
    )
    op.create_table(
        "registrations",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=True),
        sa.Column("short_notice", sa.Boolean(), nullable=False),
        sa.Column("unconfirmed", sa.Boolean(), nullable=False),
        sa.Column("registered_at", UTCDateTime(), nullable=False),
        sa.Column("offer_ends_at", UTCDateTime(), nullable=True),
        sa.Column("seated_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("no_show_at", UTCDateTime(), nullable=True),
        sa.Column("leave_reason", sa.String(length=500), nullable=True),
        sa.Column("leave_asked_at", UTCDateTime(), nullable=True),
        sa.Column("leave_decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("status <> 'waitlisted' OR queued IS NOT NULL", name=op.f("ck_registrations_line")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_registrations_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("activity_id", "member_id", name=op.f("uq_registrations_activity_id_member_id")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_registrations_activity_id_status_behind_queued"),
            ["activity_id", "status", "behind", "queued"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_community_id_leave_asked_at"), ["community_id", "leave_asked_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_member_id_no_show_at"), ["member_id", "no_show_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_registrations_member_id_status"), ["member_id", "status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registrations_member_id_status"))
        batch_op.drop_index(batch_op.f("ix_registrations_member_id_no_show_at"))
        batch_op.drop_index(batch_op.f("ix_registrations_community_id_leave_asked_at"))
        batch_op.drop_index(batch_op.f("ix_registrations_activity_id_status_behind_queued"))

    op.drop_table("registrations")
    op.drop_table("meetings")
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attendances_once",
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_attendances_member_id_id"))
        batch_op.drop_index(batch_op.f("ix_attendances_activity_id_told_at_id"))

    op.drop_table("attendances")
    with op.batch_alter_table("activity_organisers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_organisers_member_id_activity_id"))

    op.drop_table("activity_organisers")
    with op.batch_alter_table("action_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_items_owner_id_status_due_on"))
        batch_op.drop_index(batch_op.f("ix_action_items_community_id_status_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_action_items_activity_id_id"))

    op.drop_table("action_items")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activities_community_id_starts_at_id"))

    op.drop_table("activities")
