"""insights are raised."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insights",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("figures", JsonDocument, nullable=False),
        sa.Column("evidence", sa.String(length=2000), nullable=True),
        sa.Column("suggestion", sa.String(length=1000), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("slot", sa.String(length=120), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("change", sa.String(length=1000), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("metric", sa.String(length=64), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("effect_due_on", sa.Date(), nullable=True),
        sa.Column("raised_by_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.Column("acting_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('resolved', 'dismissed')) = (closed_at IS NOT NULL)", name=op.f("ck_insights_closed")
        ),
        sa.CheckConstraint("status <> 'acting' OR change IS NOT NULL", name=op.f("ck_insights_acting")),
        sa.CheckConstraint("(change IS NULL) = (changed_on IS NULL)", name=op.f("ck_insights_changed")),
        sa.CheckConstraint("(object_kind IS NULL) = (object_id IS NULL)", name=op.f("ck_insights_object")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insights")),
    )
    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_insights_community_id_raised_at_id"), ["community_id", "raised_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_insights_community_id_status_effect_due_on"),
            ["community_id", "status", "effect_due_on"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_insights_owner_id_status"), ["owner_id", "status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_insights_owner_id_status"))
        batch_op.drop_index(batch_op.f("ix_insights_community_id_status_effect_due_on"))
        batch_op.drop_index(batch_op.f("ix_insights_community_id_raised_at_id"))

    op.drop_table("insights")
