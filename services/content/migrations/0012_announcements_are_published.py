"""Announcements: whom they are for, who has confirmed them, and what is published later."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False),
        sa.Column("confirm", sa.String(length=16), nullable=False),
        sa.Column("confirm_by", UTCDateTime(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("confirm IN ('none', 'read', 'acknowledge')", name=op.f("ck_announcements_confirm")),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussions.id"], name=op.f("fk_announcements_discussion_id_discussions")
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_announcements")),
    )
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announcements_community_id_confirm"), ["community_id", "confirm"], unique=False
        )

    op.create_table(
        "announcement_addressees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["announcements.discussion_id"],
            name=op.f("fk_announcement_addressees_discussion_id_announcements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_addressees")),
    )
    with op.batch_alter_table("announcement_addressees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_addressees_discussion_id"), ["discussion_id"], unique=False)

    op.create_table(
        "announcement_confirmations",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"],
            ["announcements.discussion_id"],
            name=op.f("fk_announcement_confirmations_discussion_id_announcements"),
        ),
        sa.PrimaryKeyConstraint("discussion_id", "member_id", name=op.f("pk_announcement_confirmations")),
    )
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("publish_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("audience", JsonDocument, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_column("audience")
        batch_op.drop_column("publish_at")

    op.drop_table("announcement_confirmations")
    with op.batch_alter_table("announcement_addressees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_addressees_discussion_id"))

    op.drop_table("announcement_addressees")
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcements_community_id_confirm"))

    op.drop_table("announcements")
