"""texts of activities are moderated."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0026"
down_revision = "0025"
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
    with op.batch_alter_table("written_texts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_written_texts_verdict_written_at"), ["verdict", "written_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("written_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_written_texts_verdict_written_at"))

    op.drop_table("written_texts")
