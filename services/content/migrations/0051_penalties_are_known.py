"""penalties are known."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_penalties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("violation_points", sa.Integer(), nullable=False),
        sa.Column("fine", sa.Integer(), nullable=False),
        sa.Column("sanction", sa.String(length=16), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("objects", JsonDocument, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=True),
        sa.Column("served_from", UTCDateTime(), nullable=True),
        sa.Column("served_until", UTCDateTime(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("answer", JsonDocument, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_penalties")),
    )
    with op.batch_alter_table("known_penalties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_penalties_member_id"), ["member_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("known_penalties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_penalties_member_id"))

    op.drop_table("known_penalties")
