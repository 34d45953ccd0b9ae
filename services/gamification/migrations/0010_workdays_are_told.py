"""Which days are workdays is told by membership, a year at a time; a streak says since when it rests on the plain week."""

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
    with op.batch_alter_table("streaks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provisional_from", sa.Date(), nullable=True))
        batch_op.create_index("ix_streaks_provisional_from", ["provisional_from"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("streaks", schema=None) as batch_op:
        batch_op.drop_index("ix_streaks_provisional_from")
        batch_op.drop_column("provisional_from")
    op.drop_table("known_work_calendars")
