"""What people choose as their pictures is told."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_links",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", "object_id", name=op.f("pk_attachment_links")),
    )
    op.create_index(op.f("ix_attachment_links_object_id"), "attachment_links", ["object_id"])


def downgrade() -> None:
    op.drop_table("attachment_links")
