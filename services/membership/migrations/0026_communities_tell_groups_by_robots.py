"""communities tell groups by robots."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messenger_channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kinds", JsonDocument, nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("robot_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("off_because", sa.String(length=32), nullable=True),
        sa.Column("sent_at", JsonDocument, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("rests_until", UTCDateTime(), nullable=True),
        sa.Column("last_outcome", sa.String(length=32), nullable=True),
        sa.Column("last_tried_at", UTCDateTime(), nullable=True),
        sa.Column("last_taken_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(status = 'switched_off') = (off_because IS NOT NULL)", name=op.f("ck_messenger_channels_off")
        ),
        sa.CheckConstraint("provider IN ('wecom', 'dingtalk', 'feishu')", name=op.f("ck_messenger_channels_provider")),
        sa.CheckConstraint("status IN ('active', 'paused', 'switched_off')", name=op.f("ck_messenger_channels_status")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_messenger_channels_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messenger_channels")),
        sa.UniqueConstraint("community_id", "robot_hash", name=op.f("uq_messenger_channels_community_id_robot_hash")),
    )
    op.create_table(
        "messenger_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("gone_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("starts_at", UTCDateTime(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("news", sa.String(length=16), nullable=True),
        sa.Column("news_version", sa.Integer(), nullable=False),
        sa.Column("news_at", UTCDateTime(), nullable=True),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("waits_since", UTCDateTime(), nullable=True),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["messenger_channels.id"], name=op.f("fk_messenger_posts_channel_id_messenger_channels")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messenger_posts")),
        sa.UniqueConstraint("channel_id", "object_id", name=op.f("uq_messenger_posts_channel_id_object_id")),
    )
    with op.batch_alter_table("messenger_posts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_messenger_posts_channel_id_waits_since_id"),
            ["channel_id", "waits_since", "id"],
            unique=False,
            postgresql_where=sa.text("waits_since IS NOT NULL"),
            sqlite_where=sa.text("waits_since IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_messenger_posts_heard_at"), ["heard_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("messenger_posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messenger_posts_heard_at"))
        batch_op.drop_index(
            batch_op.f("ix_messenger_posts_channel_id_waits_since_id"),
            postgresql_where=sa.text("waits_since IS NOT NULL"),
            sqlite_where=sa.text("waits_since IS NOT NULL"),
        )

    op.drop_table("messenger_posts")
    op.drop_table("messenger_channels")
