"""communities have responsibilities."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "responsibilities",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=100), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("informed_ids", JsonDocument, nullable=False),
        sa.Column("passed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "deputy_id IS NULL OR (holder_id IS NOT NULL AND holder_id <> deputy_id)",
            name=op.f("ck_responsibilities_deputy"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_responsibilities_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibilities")),
        sa.UniqueConstraint("community_id", "area", name=op.f("uq_responsibilities_community_id_area")),
    )


def downgrade() -> None:
    op.drop_table("responsibilities")
