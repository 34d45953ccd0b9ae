"""members read on."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_floors",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("read_before", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_read_floors")),
    )
    op.create_table(
        "read_marks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("read_upto", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("read_upto >= 0", name=op.f("ck_read_marks_position")),
        sa.PrimaryKeyConstraint("member_id", "discussion_id", name=op.f("pk_read_marks")),
    )


def downgrade() -> None:
    op.drop_table("read_marks")
    op.drop_table("read_floors")
