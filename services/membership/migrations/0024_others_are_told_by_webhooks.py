"""others are told by webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("types", JsonDocument, nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("off_cause", sa.String(length=16), nullable=True),
        sa.Column("status_since", UTCDateTime(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("old_key_id", sa.Uuid(), nullable=True),
        sa.Column("old_key_until", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'off') = (off_cause IS NOT NULL)", name=op.f("ck_webhooks_off")),
        sa.CheckConstraint("status IN ('active', 'paused', 'off')", name=op.f("ck_webhooks_status")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_webhooks_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhooks_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_webhooks_owner_id"), ["owner_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhooks_owner_id"))
        batch_op.drop_index(batch_op.f("ix_webhooks_community_id_created_at_id"))

    op.drop_table("webhooks")
