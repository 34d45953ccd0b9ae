"""Which days are workdays is told by membership, a year at a time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_work_calendars",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("off", JsonDocument, nullable=False),
        sa.Column("workdays", JsonDocument, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_work_calendars")),
    )


def downgrade() -> None:
    op.drop_table("known_work_calendars")
