"""values are reported."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reported_metrics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_metrics")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_reported_metrics_community_id_code")),
    )
    op.create_table(
        "reported_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["metric_id"], ["reported_metrics.id"], name=op.f("fk_reported_values_metric_id_reported_metrics")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_values")),
        sa.UniqueConstraint("metric_id", "at", "revision", name=op.f("uq_reported_values_metric_id_at_revision")),
    )
    with op.batch_alter_table("reported_values", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reported_values_metric_id_current_day"), ["metric_id", "current", "day"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("reported_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reported_values_metric_id_current_day"))

    op.drop_table("reported_values")
    op.drop_table("reported_metrics")
