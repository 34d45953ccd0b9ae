"""Polls and votes."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("choices", JsonDocument, nullable=False),
        sa.Column("votes", JsonDocument, nullable=False),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("results", sa.String(length=16), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("results IN ('always', 'voted', 'closed')", name=op.f("ck_polls_results")),
        sa.CheckConstraint("voters >= 0", name=op.f("ck_polls_voters")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussions.id"], name=op.f("fk_polls_discussion_id_discussions")),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_polls")),
    )
    op.create_table(
        "poll_votes",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("choices", JsonDocument, nullable=False),
        sa.Column("voted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["polls.discussion_id"], name=op.f("fk_poll_votes_discussion_id_polls")
        ),
        sa.PrimaryKeyConstraint("discussion_id", "member_id", name=op.f("pk_poll_votes")),
    )


def downgrade() -> None:
    op.drop_table("poll_votes")
    op.drop_table("polls")
