"""Which days are workdays is data, a version of a year with each import."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_calendars",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("days", JsonDocument, nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("country", "year", "version", name=op.f("pk_work_calendars")),
    )


def downgrade() -> None:
    op.drop_table("work_calendars")
