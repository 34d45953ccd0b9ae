"""What communities are called and are for is hidden until moderation has decided."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "written_texts",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("text", JsonDocument, nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("verdict_version", sa.Integer(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_written_texts")),
    )
    op.create_index(op.f("ix_written_texts_verdict_written_at"), "written_texts", ["verdict", "written_at"])
    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unseen", JsonDocument, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.drop_column("unseen")
    op.drop_table("written_texts")
