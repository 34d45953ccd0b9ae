"""activities come in series."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("frequency", sa.String(length=8), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("weekdays", JsonDocument, nullable=False),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("shared", JsonDocument, nullable=False),
        sa.Column("organiser_ids", JsonDocument, nullable=False),
        sa.Column("dates", sa.Integer(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("dates >= 0 AND minutes > 0 AND repeats > 0", name=op.f("ck_series_bounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_series_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
    op.create_table(
        "series_organisers",
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_organisers_series_id_series")),
        sa.PrimaryKeyConstraint("series_id", "member_id", name=op.f("pk_series_organisers")),
    )
    with op.batch_alter_table("series_organisers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_series_organisers_member_id_series_id"), ["member_id", "series_id"], unique=False
        )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("series_no", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("own_fields", JsonDocument, server_default=sa.text("'[]'"), nullable=False))
        batch_op.create_index(
            "uq_activities_series",
            ["series_id", "series_no"],
            unique=True,
            postgresql_where=sa.text("series_id IS NOT NULL"),
            sqlite_where=sa.text("series_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index("uq_activities_series")
        batch_op.drop_column("own_fields")
        batch_op.drop_column("series_on")
        batch_op.drop_column("series_no")
        batch_op.drop_column("series_id")

    op.drop_table("series_organisers")
    op.drop_table("series")
