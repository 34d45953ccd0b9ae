"""removals are appealed against."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

KINDS = "object_kind IN ('penalty', 'short_mute', 'discussion', 'reply', 'article', 'idea')"
BEFORE = "object_kind IN ('penalty', 'short_mute')"


def upgrade() -> None:
    op.create_table(
        "removals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_ids", JsonDocument, nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=False),
        sa.Column("removed_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("removed_by IS NOT NULL OR ended_at IS NOT NULL", name=op.f("ck_removals_removed_or_ended")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    with op.batch_alter_table("removals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_removals_piece_id_version"), ["piece_id", "version"], unique=False)
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("piece_id", sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_appeals_object_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_appeals_object_kind"), KINDS)


def downgrade() -> None:
    op.execute("DELETE FROM appeals WHERE piece_id IS NOT NULL")
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_appeals_object_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_appeals_object_kind"), BEFORE)
        batch_op.drop_column("piece_id")
    with op.batch_alter_table("removals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_removals_piece_id_version"))

    op.drop_table("removals")
