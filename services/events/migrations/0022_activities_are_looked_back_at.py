"""activities are looked back at."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retrospectives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("to_change", sa.String(), nullable=False),
        sa.Column("insight", sa.String(), nullable=False),
        sa.Column("writer_ids", JsonDocument, nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(activity_id IS NULL) <> (month IS NULL)", name=op.f("ck_retrospectives_about")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_retrospectives_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrospectives")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_retrospectives_activity_id")),
        sa.UniqueConstraint("community_id", "month", name=op.f("uq_retrospectives_community_id_month")),
    )
    with op.batch_alter_table("retrospectives", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_retrospectives_community_id_written_at_due_at"),
            ["community_id", "written_at", "due_at"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("retrospectives", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retrospectives_community_id_written_at_due_at"))

    op.drop_table("retrospectives")
