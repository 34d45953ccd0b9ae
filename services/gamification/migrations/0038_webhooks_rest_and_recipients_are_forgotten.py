"""webhooks rest and recipients are forgotten."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_redemptions_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_redemptions_community_id_status_ended_at"),
            ["community_id", "status", "ended_at"],
            unique=False,
        )
        batch_op.create_index(
            "ix_redemptions_recipients",
            ["ended_at"],
            unique=False,
            postgresql_where=sa.text("recipient_name IS NOT NULL"),
            sqlite_where=sa.text("recipient_name IS NOT NULL"),
        )

    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hook_rests_until", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.drop_column("hook_rests_until")

    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_redemptions_recipients",
            postgresql_where=sa.text("recipient_name IS NOT NULL"),
            sqlite_where=sa.text("recipient_name IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_redemptions_community_id_status_ended_at"))
        batch_op.drop_index(batch_op.f("ix_redemptions_community_id_created_at_id"))
