"""levels, badges and streaks are told again: how they were told is kept."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Filled by what is told from now on; with which versions the rest was told is not known.
    op.create_table(
        "deeds",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("aspect", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("data", JsonDocument, nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "aspect", name=op.f("pk_deeds")),
    )
    with op.batch_alter_table("deeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deeds_told_at"), ["told_at"], unique=False)


def downgrade() -> None:
    op.drop_table("deeds")
