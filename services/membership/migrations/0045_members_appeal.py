"""members appeal."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "penalty_answers",
        sa.Column("penalty_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("undone", JsonDocument, nullable=False),
        sa.Column("left", JsonDocument, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("penalty_id", "service", name=op.f("pk_penalty_answers")),
    )
    op.create_table(
        "appeals",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=4000), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("question", sa.String(length=2000), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(length=4000), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("appointed_at", UTCDateTime(), nullable=True),
        sa.Column("paused_at", UTCDateTime(), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_appeals_decided")),
        sa.CheckConstraint("object_kind IN ('penalty', 'short_mute')", name=op.f("ck_appeals_object_kind")),
        sa.CheckConstraint("status IN ('open', 'granted', 'reduced', 'denied')", name=op.f("ck_appeals_status")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_appeals_community_id_communities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("object_kind", "object_id", name=op.f("uq_appeals_object_kind_object_id")),
    )
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_appeals_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_appeals_community_id_status_created_at_id"),
            ["community_id", "status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_appeals_member_id_created_at_id"), ["member_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_appeals_reviewer_id_created_at_id"), ["reviewer_id", "created_at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeals_reviewer_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_appeals_member_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_appeals_community_id_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_appeals_community_id_created_at_id"))

    op.drop_table("appeals")
    op.drop_table("penalty_answers")
