"""days of reading are told."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_readings",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "thing_id", "quarter", name=op.f("pk_late_readings")),
    )
    with op.batch_alter_table("late_readings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_late_readings_community_id_quarter"), ["community_id", "quarter"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("late_readings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_late_readings_community_id_quarter"))

    op.drop_table("late_readings")
