"""rules look at communities."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insight_rounds",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_insight_rounds")),
    )
    op.create_table(
        "member_risks",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", JsonDocument, nullable=False),
        sa.Column("last_active_on", sa.Date(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("still", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_risks")),
    )
    with op.batch_alter_table("member_risks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_risks_community_id_still_member_id"),
            ["community_id", "still", "member_id"],
            unique=False,
        )

    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.create_index(
            "uq_insights_open",
            ["community_id", "slot"],
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_insights_open", postgresql_where=sa.text("closed_at IS NULL"), sqlite_where=sa.text("closed_at IS NULL")
        )

    with op.batch_alter_table("member_risks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_risks_community_id_still_member_id"))

    op.drop_table("member_risks")
    op.drop_table("insight_rounds")
