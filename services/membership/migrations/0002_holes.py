"""Holes that consumers find in the log, and the restatements that fill them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consumer_holes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("noticed_at", UTCDateTime(), nullable=False),
        sa.Column("known_until", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consumer_holes")),
    )
    with op.batch_alter_table("consumer_holes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consumer_holes_consumer_topic"), ["consumer", "topic"], unique=False)

    op.create_table(
        "restatements",
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "topic", "subject", name=op.f("pk_restatements")),
    )
    with op.batch_alter_table("consumer_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("heard_until", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consumer_progress", schema=None) as batch_op:
        batch_op.drop_column("heard_until")

    op.drop_table("restatements")
    with op.batch_alter_table("consumer_holes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consumer_holes_consumer_topic"))

    op.drop_table("consumer_holes")
